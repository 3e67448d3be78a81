import Foundation
import StenoTraining
import Testing

@Suite struct MetricsLogTests {
    @Test func writesAHeaderAndLines() throws {
        try withTemporaryDirectory { folder in
            let path = folder + "/run/log.csv"
            let log = try MetricsLog(path: path, columns: ["loss", "cer"], resumeStep: nil)
            try log.append(step: 10, ["loss": 0.1])
            try log.append(step: 20, ["cer": 25, "loss": .nan])
            #expect(try text(path) == "step,loss,cer\n10,0.1,\n20,nan,25\n")
        }
    }

    @Test func resumingDropsLaterStepsAndHalfALine() throws {
        try withTemporaryDirectory { folder in
            let path = folder + "/log.csv"
            try write(["log.csv": "step,loss\n1,0.5\n2,0.25\n3,0.125\n4,0.0"], below: folder)
            let log = try MetricsLog(path: path, columns: ["loss"], resumeStep: 2)
            try log.append(step: 3, ["loss": 1e-20])
            #expect(try text(path) == "step,loss\n1,0.5\n2,0.25\n3,1e-20\n")
        }
    }

    @Test func resumingWithoutAFileBeginsOne() throws {
        try withTemporaryDirectory { folder in
            _ = try MetricsLog(path: folder + "/log.csv", columns: ["loss"], resumeStep: 5)
            #expect(try text(folder + "/log.csv") == "step,loss\n")
        }
    }

    @Test func otherColumnsAreRefusedAndKept() throws {
        try withTemporaryDirectory { folder in
            let path = folder + "/log.csv"
            try write(["log.csv": "step,wer\n1,2\n"], below: folder)
            #expect(throws: LogError.otherColumns(path: path, expected: ["step", "loss"], found: ["step", "wer"])) {
                try MetricsLog(path: path, columns: ["loss"], resumeStep: 1)
            }
            #expect(try text(path) == "step,wer\n1,2\n")
        }
    }

    @Test func aLogWithFewerColumnsGoesOnWithAll() throws {
        try withTemporaryDirectory { folder in
            let path = folder + "/log.csv"
            try write(["log.csv": "step,loss,cer\n1,0.5,\n2,0.25,7\n3,0,0\n"], below: folder)
            let log = try MetricsLog(path: path, columns: ["rate", "cer", "loss"], resumeStep: 2)
            try log.append(step: 3, ["rate": 0.1, "cer": 6])
            #expect(try text(path) == "step,rate,cer,loss\n1,,,0.5\n2,,7,0.25\n3,0.1,6,\n")
        }
    }

    @Test func aBadLineIsNamedByItsNumber() throws {
        try withTemporaryDirectory { folder in
            let path = folder + "/log.csv"
            try write(["log.csv": "step,loss\n1,2\nsix,7\n"], below: folder)
            let error = try #require(throws: LogError.self) {
                try MetricsLog(path: path, columns: ["loss"], resumeStep: 1)
            }
            #expect(error.description == "\(path), line 3: expected a step and 1 figures, found “six,7”")
        }
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }
}
