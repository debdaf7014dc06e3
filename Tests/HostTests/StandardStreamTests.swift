import Testing

@testable import Host

@Suite struct StandardStreamTests {
    @Test func aQuotedNameCannotMakeTwoLinesNorDriveATerminal() {
        let shown = "a\nb\u{1B}[2J\u{7F} Vögel".utf8.map(StandardStream.printable)
        #expect(shown == Array("a b?[2J? Vögel".utf8))
    }
}
