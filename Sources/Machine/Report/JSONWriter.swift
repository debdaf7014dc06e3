// JSON (RFC 8259) for the report: objects, numbers, names and null. Embedded Swift has no Codable.

/// Appends one JSON object, nested as it is called.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    mutating func object(_ key: StaticString? = nil, _ body: (inout JSONWriter) -> Void) {
        startMember(key)
        append("{")
        needsComma = false
        body(&self)
        append("}")
        needsComma = true
    }

    /// A number, or null.
    mutating func member(_ key: StaticString, _ value: UInt64?) {
        startMember(key)
        if let value { bytes += Array(String(value).utf8) } else { append("null") }
    }

    /// A text that needs no escaping, as all names of this program are.
    mutating func member(_ key: StaticString, _ name: StaticString) {
        startMember(key)
        append("\"")
        append(name)
        append("\"")
    }

    private mutating func startMember(_ key: StaticString?) {
        if needsComma { append(",") }
        needsComma = true
        guard let key else { return }
        append("\"")
        append(key)
        append("\":")
    }

    private mutating func append(_ text: StaticString) {
        // SAFETY: a static string's bytes live as long as the program.
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
