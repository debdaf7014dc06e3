import Testing

@testable import Devices

@Suite struct EscapeFilterTests {
    @Test(
        arguments: [
            ("plain text\r", "plain text\r", []), ("\u{1}x", "", [.quit]), ("\u{1}h", "", [.help]),
            ("a\u{1}\u{1}b", "a\u{1}b", []), ("\u{1}\u{1}x", "\u{1}x", []), ("\u{1}z", "\u{1}z", []),
            ("\u{1}", "", []), ("\u{1}h\u{1}xq", "q", [.help, .quit]), ("xh", "xh", []),
        ] as [(String, String, [EscapeFilter.Command])])
    func filters(typed: String, sent: String, commands: [EscapeFilter.Command]) {
        var filter = EscapeFilter()
        var output: [UInt8] = []
        var found: [EscapeFilter.Command] = []
        for byte in typed.utf8 {
            if let command = filter.filter(byte, into: &output) { found.append(command) }
        }
        #expect(String(decoding: output, as: UTF8.self) == sent)
        #expect(found == commands)
    }
}
