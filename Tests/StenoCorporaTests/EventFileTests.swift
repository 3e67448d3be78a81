import Foundation
import StenoTraining
import Testing

@Suite struct EventFileTests {
    @Test func checksAreThoseOfTheStandards() {
        let digits = Array("123456789".utf8)
        #expect(CyclicRedundancyCheck.castagnoli(digits) == 0xE306_9283)
        // RFC 3720, B.4
        #expect(CyclicRedundancyCheck.castagnoli([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CyclicRedundancyCheck.castagnoli([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CyclicRedundancyCheck.castagnoli([UInt8](0..<32)) == 0x46DD_794E)
    }

    @Test func fileEqualsTensorBoards() throws {
        try withTemporaryDirectory { folder in
            let writer = try EventFileWriter(directory: folder, resumeStep: nil) { 1.5 }
            try writer.scalar("train/loss", 0.25, step: 300)
            try writer.text("dev/samples", "a stately ship 船", step: 300)
            try writer.scalar("dev/wer", .nan, step: 5_000_000_000)
            let golden = try #require(
                Bundle.module.url(forResource: "events", withExtension: "bin", subdirectory: "Goldens"))
            #expect(try bytes(in: folder) == [UInt8](Data(contentsOf: golden)))
        }
    }

    @Test func resumingDropsLaterSteps() throws {
        try withTemporaryDirectory { folder in
            let whole = try EventFileWriter(directory: folder, resumeStep: nil) { 1.5 }
            for step in 1...4 { try whole.scalar("loss", Double(step), step: step) }
            let unbroken = try bytes(in: folder)

            let resumed = try EventFileWriter(directory: folder, resumeStep: 2) { 1.5 }
            #expect(RecordFile.records(in: try bytes(in: folder)).count == 3)
            for step in 3...4 { try resumed.scalar("loss", Double(step), step: step) }
            #expect(try bytes(in: folder) == unbroken)
        }
    }

    @Test func resumingDropsWhatIsHalfWritten() throws {
        try withTemporaryDirectory { folder in
            let writer = try EventFileWriter(directory: folder, resumeStep: nil) { 1.5 }
            try writer.scalar("loss", 1, step: 1)
            let good = try bytes(in: folder)
            try writer.scalar("loss", 2, step: 2)
            let all = try bytes(in: folder)
            for count in [good.count + 1, good.count + 12, all.count - 1] {
                try Data(all[..<count]).write(to: file(in: folder))
                _ = try EventFileWriter(directory: folder, resumeStep: 100) { 1.5 }
                #expect(try bytes(in: folder) == good)
            }
        }
    }

    @Test func aNewRunReplacesTheFile() throws {
        try withTemporaryDirectory { folder in
            try EventFileWriter(directory: folder, resumeStep: nil).scalar("loss", 1, step: 1)
            _ = try EventFileWriter(directory: folder, resumeStep: nil)
            #expect(RecordFile.records(in: try bytes(in: folder)).count == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [EventFileWriter.fileName])
        }
    }

    @Test func recordsEndBeforeTheFirstDamage() {
        let record = RecordFile.framed([1, 2, 3])
        var damaged = record + record
        damaged[record.count + 13] ^= 1
        #expect(RecordFile.records(in: record + record) == [12..<15, 31..<34])
        #expect(RecordFile.records(in: damaged) == [12..<15])
        #expect(RecordFile.records(in: []).isEmpty)
        // A length of 2⁶³ with a right check.
        let huge = RecordFile.framed([0, 0, 0, 0, 0, 0, 0, 0x80])
        let length = Array(huge[12..<20])
        let check = Array(huge[20..<24])
        #expect(RecordFile.records(in: length + check + [0, 0, 0, 0]).isEmpty)
    }

    @Test func aFolderThatCannotBeMadeIsAnError() {
        #expect(throws: LogError.self) { try EventFileWriter(directory: "/dev/null/run", resumeStep: nil) }
    }

    private func file(in folder: String) -> URL {
        URL(fileURLWithPath: folder).appendingPathComponent(EventFileWriter.fileName)
    }

    private func bytes(in folder: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: file(in: folder)))
    }
}
