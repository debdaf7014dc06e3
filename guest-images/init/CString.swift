// A literal as a C string, without Swift's String, which would bring Unicode tables along.

import CInit

/// The literal's bytes; Swift ends every literal's with a zero byte.
func cString(_ literal: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
}
