import Foundation
import StenoModels
import StenoTensor
import StenoTestSupport
import Testing

@Suite struct AtomicFileTests {
    /// Writes three bytes and looks before it completes the file, or leaves it.
    private func write(to path: String, completes: Bool, look: () -> [String]) throws(FileError) -> [String] {
        let file = try AtomicFile(path: path)
        try file.write([1, 2, 3] as [UInt8])
        let seen = look()
        if completes { try file.commit() }
        return seen
    }

    @Test func aFileAppearsWhenItIsComplete() throws {
        let folder = try TemporaryFolder()
        let before = try write(to: folder.path("a"), completes: true) { folder.names }
        #expect(before.count == 1 && before != ["a"])
        #expect(folder.names == ["a"])
        #expect(try folder.bytes("a") == [1, 2, 3])
    }

    @Test func aFileThatIsNotCompletedLeavesNothing() throws {
        let folder = try TemporaryFolder()
        try folder.write([9], as: "a")
        _ = try write(to: folder.path("a"), completes: false) { folder.names }
        #expect(folder.names == ["a"])
        #expect(try folder.bytes("a") == [9])
    }

    @Test func aFolderThatIsMissingIsOneSentence() throws {
        let folder = try TemporaryFolder()
        let error = try #require(throws: FileError.self) {
            try smallModel().write(to: folder.path("none/m.safetensors"), matrices: .float16)
        }
        #expect(
            error.description == "\(folder.path("none/m.safetensors")) cannot be written: No such file or directory")
        #expect(folder.names == [])
    }

    /// Root may write anywhere, so there the target is a folder instead.
    @Test func whatCannotBeReplacedStaysAsItWas() throws {
        let folder = try TemporaryFolder()
        let isRoot = geteuid() == 0
        if isRoot {
            try FileManager.default.createDirectory(atPath: folder.path("m/inner"), withIntermediateDirectories: true)
        } else {
            try folder.write([9], as: "m")
            chmod(folder.url.path, 0o500)
        }
        defer { chmod(folder.url.path, 0o700) }
        let error = try #require(throws: FileError.self) {
            try smallModel().write(to: folder.path("m"), matrices: .float16)
        }
        #expect(error.description.hasPrefix("\(folder.path("m")) cannot be written: "))
        #expect(folder.names == ["m"])
        if !isRoot { #expect(try folder.bytes("m") == [9]) }
    }

    @Test func aFullDiskIsOneSentence() throws {
        let folder = try TemporaryFolder()
        try #require(FileManager.default.fileExists(atPath: "/dev/full"))
        try folder.write([9], as: "m")
        symlink("/dev/full", folder.path("m.\(getpid()).partial"))
        let error = try #require(throws: FileError.self) {
            try smallModel().write(to: folder.path("m"), matrices: .float16)
        }
        #expect(error.description == "\(folder.path("m")) cannot be written: No space left on device")
        #expect(folder.names == ["m"])
        #expect(try folder.bytes("m") == [9])
    }

    @Test func aNameWithoutAFolderIsWrittenToo() throws {
        let name = "steno-\(UUID().uuidString)"
        defer { unlink(name) }
        try AtomicFile.write([5] as [UInt8], to: name)
        #expect(FileManager.default.contents(atPath: name) == Data([5]))
    }
}
