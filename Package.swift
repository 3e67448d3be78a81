// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "steno",
    products: [
        .library(name: "AudioFrontEnd", targets: ["AudioFrontEnd"]),
        .library(name: "Steno", targets: ["Steno"]),
        .executable(name: "steno", targets: ["StenoCommand"]),
    ],
    traits: [
        .trait(name: "MPI", description: "Training across machines; needs Open MPI (libopenmpi-dev, openmpi-bin).")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // System libraries: a module map and a shim header each.
        .systemLibrary(name: "CSoundFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
        .systemLibrary(name: "CSoxr", pkgConfig: "soxr", providers: [.apt(["libsoxr-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .systemLibrary(name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),

        // From C upward: each target knows only those above it in this list.
        .target(name: "CKernels", dependencies: ["COneDNN"], linkerSettings: [.linkedLibrary("dnnl")]),
        // Empty without the trait.
        .target(
            name: "CMPI", dependencies: [.target(name: "COpenMPI", condition: .when(traits: ["MPI"]))],
            cSettings: [.define("STENO_MPI", .when(traits: ["MPI"]))]),
        .target(name: "AudioFrontEnd", dependencies: ["CKernels", "CSoundFile", "CFFTW", "CSoxr"]),
        // SentencePiece, which is C++, behind plain C.
        .target(
            name: "CSentencePiece",
            linkerSettings: [.linkedLibrary("sentencepiece"), .linkedLibrary("sentencepiece_train")]),
        .target(name: "StenoText", dependencies: ["CSentencePiece"]),
        .target(name: "StenoEvaluation"),
        .target(name: "StenoTensor", dependencies: ["CKernels"]),
        .target(name: "StenoModels", dependencies: ["StenoTensor", "StenoText", "AudioFrontEnd"]),
        .target(name: "StenoDecoding", dependencies: ["StenoModels"]),
        .target(
            name: "StenoTraining",
            dependencies: [
                "StenoDecoding", "StenoEvaluation", "StenoText", "CZlib", "Yams",
                .target(name: "CMPI", condition: .when(traits: ["MPI"])),
            ]),
        .target(
            name: "Steno",
            dependencies: [
                "StenoTraining", "StenoDecoding", "StenoModels", "StenoTensor", "StenoText", "StenoEvaluation",
                "AudioFrontEnd", "CZlib",
            ]),
        .executableTarget(
            name: "StenoCommand",
            dependencies: [
                "Steno", "StenoTraining", "StenoTensor", "StenoEvaluation", "AudioFrontEnd",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        .testTarget(
            name: "AudioFrontEndTests", dependencies: ["AudioFrontEnd", "CSoundFile"], resources: [.copy("Goldens")]),
        .testTarget(
            name: "StenoEvaluationTests", dependencies: ["StenoEvaluation"], resources: [.copy("Goldens")]),
        .testTarget(
            name: "StenoTensorTests", dependencies: ["StenoTensor", "CKernels"], resources: [.copy("Goldens")]),
        .testTarget(
            name: "StenoDecodingTests",
            dependencies: ["StenoDecoding", "StenoModels", "StenoText", "StenoTensor", "CKernels"]),
        .testTarget(name: "StenoTextTests", dependencies: ["StenoText"], resources: [.copy("Goldens")]),
        .testTarget(
            name: "StenoModelsTests", dependencies: ["StenoModels", "StenoTraining", "StenoTestSupport"],
            resources: [.copy("Goldens")]),
        .testTarget(name: "StenoTrainingTests", dependencies: ["StenoTraining", "StenoTestSupport"]),
        .testTarget(
            name: "StenoCorporaTests", dependencies: ["StenoTraining", "StenoText", "StenoTestSupport", "CZlib"],
            resources: [.copy("Goldens")]),
        // Sounds, files and models that tests are made with.
        .target(name: "StenoTestSupport", dependencies: ["StenoModels"], path: "Tests/Support"),
        .testTarget(
            name: "StenoTests", dependencies: ["Steno", "StenoTestSupport"], resources: [.copy("Goldens")]),
        .testTarget(
            name: "SystemTests", dependencies: ["StenoCommand", "StenoTestSupport"], resources: [.copy("Goldens")]),
    ],
    // SentencePiece's headers.
    cxxLanguageStandard: .cxx17
)

// Built on request only: `make bench`.
if Context.environment["STENO_BENCHMARKS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Steno", "StenoTraining", "StenoDecoding", "StenoModels", "StenoText", "StenoTensor", "AudioFrontEnd",
            ],
            path: "Benchmarks"))
}
