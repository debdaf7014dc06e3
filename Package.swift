// swift-tools-version:6.2
import PackageDescription

/// `APUS_EMBEDDED=1` builds the monitor as Embedded Swift, fully static (what ships).
/// Without it the same targets build as ordinary Swift, which is how the tests run them.
/// The two modes need scratch folders of their own: the Makefile gives the first `.build-embedded`.
let isEmbedded = Context.environment["APUS_EMBEDDED"] == "1"

/// The C library and the kernel's headers that the monitor is built with; the Makefile makes it and passes it.
let sysroot = Context.environment["APUS_SYSROOT"] ?? ""

let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Settings of a target that lives in the monitor.
let monitor: [SwiftSetting] =
    strict + [.enableExperimentalFeature("Lifetimes")]
    + (isEmbedded
        ? [
            .enableExperimentalFeature("Embedded"),
            .unsafeFlags(["-wmo", "-Osize", "-Xfrontend", "-function-sections"]),
        ]
        : [])

/// Embedded Swift compiles what a module uses of another into the first as well, and in 6.3 gives some private methods
/// of open classes strong symbols there: identical copies, of which the linker may take any.
let monitorLinker: [LinkerSetting] =
    isEmbedded
    ? [
        .unsafeFlags([
            "-enable-experimental-feature", "Embedded", "-wmo",
            "-Xclang-linker", "-static", "-Xclang-linker", "-Wno-unused-command-line-argument", "-Xclang-linker",
            "-nostdlib",
            "\(sysroot)/usr/lib/crt1.o", "\(sysroot)/usr/lib/crti.o",
            "-Xlinker", "-s", "-Xlinker", "--gc-sections", "-Xlinker", "--allow-multiple-definition",
            "-L", "\(sysroot)/swift", "-lswiftUnicodeDataTables", "-L", "\(sysroot)/usr/lib", "-lc",
            "\(sysroot)/usr/lib/crtn.o",
        ])
    ]
    : []

var targets: [Target] = [
    .target(name: "CShims", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    .target(name: "Host", dependencies: ["CShims"], swiftSettings: monitor),
    .target(name: "GuestMemory", dependencies: ["Host", "CShims"], swiftSettings: monitor),
    .target(name: "KVM", dependencies: ["Host", "GuestMemory", "CShims"], swiftSettings: monitor),
    .target(name: "Virtio", dependencies: ["GuestMemory", "Host"], swiftSettings: monitor),
    .target(name: "Devices", dependencies: ["Virtio", "GuestMemory", "Host"], swiftSettings: monitor),
    .target(name: "Boot", dependencies: ["GuestMemory", "Host"], swiftSettings: monitor),
    .target(
        name: "Machine",
        dependencies: ["Boot", "Devices", "Virtio", "KVM", "GuestMemory", "Host", "CShims"],
        swiftSettings: monitor),
    .executableTarget(
        name: "apus-vmm", dependencies: ["Machine", "Host", "CShims"],
        swiftSettings: monitor, linkerSettings: monitorLinker),
]

var dependencies: [Package.Dependency] = []

if !isEmbedded {
    dependencies = [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ]
    targets += [
        .target(
            name: "VirtioTestKit", dependencies: ["Virtio", "GuestMemory", "Host"], swiftSettings: strict),
        .executableTarget(
            name: "apus",
            dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict,
            linkerSettings: [
                // ArgumentParser uses FoundationEssentials, whose own static libraries nobody links by itself.
                .unsafeFlags(
                    [
                        "-static-executable", "-l_FoundationCShims", "-l_FoundationCollections",
                        "-lswiftSynchronization", "-Xlinker", "-s",
                    ],
                    .when(configuration: .release))
            ]),
    ]
    for (layer, extra) in [
        ("Host", []),
        ("GuestMemory", ["Host"]),
        ("Virtio", ["VirtioTestKit", "GuestMemory", "Host"]),
        ("Devices", ["Virtio", "VirtioTestKit", "GuestMemory", "Host"]),
        ("KVM", ["Host", "CShims"]),
        ("Boot", ["GuestMemory", "Host"]),
        ("Machine", ["GuestMemory"]),
    ] as [(String, [String])] {
        targets.append(
            .testTarget(
                name: "\(layer)Tests",
                dependencies: ([layer] + extra).map { .target(name: $0) },
                swiftSettings: [.treatAllWarnings(as: .error)]))
    }
    targets.append(
        .testTarget(
            name: "ApusTests",
            dependencies: ["apus", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: [.treatAllWarnings(as: .error)]))
}

let package = Package(name: "apus", dependencies: dependencies, targets: targets)
