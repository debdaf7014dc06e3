// The setup header of Linux's boot protocol: the part of a bzImage that is copied into the zero page
// (struct setup_header, arch/x86/include/uapi/asm/bootparam.h; Documentation/arch/x86/boot.rst).

/// Offsets of the setup header's fields, the same in a bzImage file and in the zero page.
enum SetupHeader {
    /// `setup_sects`, the first field.
    static var start: Int { 0x1F1 }
    static var systemSize: Int { 0x1F4 }
    static var videoMode: Int { 0x1FA }
    static var bootFlag: Int { 0x1FE }
    /// The second byte of `jump`: the header ends that many bytes after `magic`.
    static var jumpDistance: Int { 0x201 }
    static var magic: Int { 0x202 }
    static var version: Int { 0x206 }
    static var typeOfLoader: Int { 0x210 }
    static var loadFlags: Int { 0x211 }
    static var code32Start: Int { 0x214 }
    static var ramdiskImage: Int { 0x218 }
    static var ramdiskSize: Int { 0x21C }
    static var commandLinePointer: Int { 0x228 }
    static var initrdAddressMaximum: Int { 0x22C }
    static var kernelAlignment: Int { 0x230 }
    static var relocatableKernel: Int { 0x234 }
    static var extendedLoadFlags: Int { 0x236 }
    static var commandLineSize: Int { 0x238 }
    static var preferredAddress: Int { 0x258 }
    static var initializationSize: Int { 0x260 }
    /// Where protocol 2.10's part ends; 2.12 added no field of interest behind it.
    static var minimumEnd: Int { 0x264 }
    /// What comes after the header in the zero page (`edd_mbr_sig_buffer`) begins here.
    static var maximumEnd: Int { 0x290 }

    /// For a kernel without a header of its own: magic numbers, version 2.12, LOADED_HIGH.
    static var ofUncompressedKernel: [UInt8] {
        var header = [UInt8](repeating: 0, count: minimumEnd - start)
        header[bootFlag - start] = 0x55
        header[bootFlag - start + 1] = 0xAA
        for (index, byte) in "HdrS".utf8.enumerated() { header[magic - start + index] = byte }
        header[version - start] = 0x0C
        header[version - start + 1] = 0x02
        header[loadFlags - start] = 1
        return header
    }
}
