import AudioFrontEnd
import Foundation
import Steno
import StenoTestSupport
import Testing

/// Files of features, against those that `Goldens/feature_files.py` wrote.
@Suite("Feature files")
struct FeatureFileTests {
    private let folder: TemporaryFolder
    private let htk = HTKHeader(kind: .filterBank, seconds: 0.01)

    init() throws { folder = try TemporaryFolder() }

    private func golden(_ name: String) throws -> Data {
        try Data(contentsOf: #require(Bundle.module.url(forResource: "Goldens/\(name)", withExtension: nil)))
    }

    private func written(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: folder.path(name)))
    }

    /// The matrix of the script, or its first rows.
    private func rows(_ count: Int = 4) throws -> FeatureRows {
        let rows = FeatureRows(columns: 3, folder: folder.path("."))
        let values = (0..<3 * count).map { (Float($0) - 5) / 8 }
        try rows.append(Features(frames: 1, bins: 3, values: Array(values.prefix(3))))
        try rows.append(Features(frames: count - 1, bins: 3, values: Array(values.dropFirst(3))))
        return rows
    }

    @Test func anArrayIsNumPys() throws {
        try FeatureFile.write(rows(), to: folder.path("a"), format: .npy, htk: htk)
        #expect(try written("a") == golden("matrix.npy"))
    }

    @Test func aParameterFileIsHTKs() throws {
        try FeatureFile.write(rows(), to: folder.path("a"), format: .htk, htk: htk)
        #expect(try written("a") == golden("matrix.htk"))
    }

    @Test func whatHTKHasNoRoomForIsRefused() throws {
        let wide = FeatureRows(columns: 8192, folder: folder.path("."))
        #expect(throws: StenoError.self) {
            try FeatureFile.write(wide, to: folder.path("a"), format: .htk, htk: htk)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path(".")).isEmpty)
    }

    @Test func linesHaveCommas() throws {
        try FeatureFile.write(rows(2), to: folder.path("a"), format: .csv, htk: htk)
        #expect(try String(decoding: written("a"), as: UTF8.self) == "-0.625,-0.5,-0.375\n-0.25,-0.125,0.0\n")
    }

    @Test func anArchiveIsKaldis() throws {
        let path = folder.path("a.ark")
        var archive = try KaldiArchive(path)
        try archive.append(rows(), name: "one")
        try archive.append(rows(2), name: "two-2")
        try archive.finish()
        let bytes = try written("a.ark")
        #expect(try bytes == golden("matrix.ark"))
        let lines = try String(decoding: written("a.scp"), as: UTF8.self).split(separator: "\n")
        #expect(lines == ["one \(path):4", "two-2 \(path):73"])
        for place in [4, 73] { #expect(bytes[place..<place + 5] == Data("\0BFM ".utf8)) }
    }

    @Test func anArchiveOfArraysIsReadBack() throws {
        var archive = try NumPyArchive(folder.path("a.npz"))
        for (name, count) in [("one", 4), ("zwei-ä", 2)] {
            let rows = try rows(count)
            try archive.append(rows, name: name, check: NumPyArchive.check(rows))
        }
        try archive.finish()
        let files = try ZipFiles(written("a.npz"))
        #expect(files.names == ["one.npy", "zwei-ä.npy"])
        #expect(try files.contents[0] == golden("matrix.npy"))
    }

    @Test(arguments: [0, 1, 60, 150, 1000] as [UInt64], [0, 2, 100])
    func longFormsSayTheSame(long: UInt64, many: Int) throws {
        var archive = try ZipArchive(folder.path("a.zip"), long: long, many: many)
        let contents = [[UInt8]](arrayLiteral: [1, 2, 3], [], [UInt8](repeating: 7, count: 100))
        for (number, bytes) in contents.enumerated() {
            try archive.begin("file\(number)", size: UInt64(bytes.count), check: ZipArchive.check(0, bytes))
            try archive.write(bytes)
        }
        try archive.finish()
        let files = try ZipFiles(written("a.zip"))
        #expect(files.names == ["file0", "file1", "file2"])
        #expect(files.contents == contents.map { Data($0) })
    }

    @Test func theCheckIsThatOfTheStandard() {
        #expect(ZipArchive.check(0, Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(ZipArchive.check(ZipArchive.check(0, Array("12345".utf8)), Array("6789".utf8)) == 0xCBF4_3926)
    }

    @Test func manyRowsWaitOnTheDiskWithoutAName() throws {
        let rows = FeatureRows(columns: 80, folder: folder.path("."))
        let piece = 3000
        for start in stride(from: 0, to: 60_000, by: piece) {
            let values = (80 * start..<80 * (start + piece)).map { Float($0) }
            try rows.append(Features(frames: piece, bins: 80, values: values))
        }
        #expect(rows.count == 60_000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path(".")).isEmpty)
        var next = 0
        var isInOrder = true
        try rows.forEachPiece { (values) throws(StenoError) in
            isInOrder = isInOrder && values.count % 80 == 0
            for value in values {
                isInOrder = isInOrder && value == Float(next)
                next += 1
            }
        }
        #expect(isInOrder && next == 80 * 60_000)
    }

    @Test func whatIsNotWantedAnyMoreLeavesNothing() throws {
        let rows = FeatureRows(columns: 3, folder: folder.path(".")) { false }
        #expect(throws: StenoError.self) { try rows.append(Features(frames: 1, bins: 3, values: [1, 2, 3])) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path(".")).isEmpty)
    }
}

/// The files in a zip archive, by its directory, with everything checked that stands there twice.
private struct ZipFiles {
    private(set) var names: [String] = []
    private(set) var contents: [Data] = []

    init(_ bytes: Data) throws {
        func number(_ place: Int, _ count: Int) throws -> Int {
            try #require(place >= 0 && place + count <= bytes.count)
            return bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        /// A 32-bit field, or what the extra field has in place of it.
        func long(_ place: Int, _ extra: inout Int) throws -> Int {
            let short = try number(place, 4)
            guard short == 0xFFFF_FFFF else { return short }
            defer { extra += 8 }
            return try number(extra, 8)
        }
        let end = bytes.count - 22
        #expect(try number(end, 4) == 0x0605_4B50)
        var (count, start) = (try number(end + 10, 2), try number(end + 16, 4))
        if count == 0xFFFF || start == 0xFFFF_FFFF {
            #expect(try number(end - 20, 4) == 0x0706_4B50)
            let record = try number(end - 12, 8)
            #expect(try number(record, 4) == 0x0606_4B50)
            (count, start) = (try number(record + 32, 8), try number(record + 48, 8))
        }
        var place = start
        for _ in 0..<count {
            #expect(try number(place, 4) == 0x0201_4B50)
            let (nameLength, extraLength) = (try number(place + 28, 2), try number(place + 30, 2))
            var extra = place + 46 + nameLength + 4
            let size = try long(place + 24, &extra)
            #expect(try long(place + 20, &extra) == size)
            let header = try long(place + 42, &extra)
            #expect(try number(header, 4) == 0x0403_4B50)
            #expect(bytes[header + 10..<header + 26] == bytes[place + 12..<place + 28])
            var localExtra = header + 30 + nameLength + 4
            #expect(try long(header + 22, &localExtra) == size)
            let name = bytes[place + 46..<place + 46 + nameLength]
            #expect(bytes[header + 30..<header + 30 + nameLength] == name)
            names.append(String(decoding: name, as: UTF8.self))
            let content = header + 30 + nameLength + (try number(header + 28, 2))
            contents.append(Data(bytes[content..<content + size]))
            #expect(Int(ZipArchive.check(0, [UInt8](contents[contents.count - 1]))) == (try number(place + 16, 4)))
            place += 46 + nameLength + extraLength
        }
    }
}
