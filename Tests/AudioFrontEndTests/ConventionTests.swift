import AudioFrontEnd
import Foundation
import Testing

/// What other tools gave, from the script conventions.py.
private struct ConventionGoldens: Decodable {
    struct Signal: Decodable {
        let name: String
        let sampleRate: Int
        let channels: Int
        /// Little-endian 16-bit samples in base64.
        let samples: Data
    }
    struct Case: Decodable {
        let convention: String
        let name: String
        let tool: String
        let signal: String
        let changes: [String: Change]
        let frames: Int
        /// The frames whose values are kept.
        let kept: [Int]
        /// Little-endian float32 in base64.
        let values: Data

        var floats: [Float] {
            values.withUnsafeBytes { bytes in
                stride(from: 0, to: bytes.count, by: 4).map {
                    Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
                }
            }
        }
    }
    enum Change: Codable {
        case truth(Bool)
        case number(Double)
        case text(String)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let truth = try? value.decode(Bool.self) {
                self = .truth(truth)
            } else if let number = try? value.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try value.decode(String.self))
            }
        }

        var json: Any {
            switch self {
            case .truth(let truth): truth
            case .number(let number): number
            case .text(let text): text
            }
        }
    }
    let signals: [Signal]
    let cases: [Case]

    static func read() throws -> ConventionGoldens {
        let url = try #require(
            Bundle.module.url(forResource: "conventions", withExtension: "json", subdirectory: "Goldens"))
        return try JSONDecoder().decode(ConventionGoldens.self, from: Data(contentsOf: url))
    }
}

extension FeatureOptions {
    /// The named convention with changes as a recipe would state them.
    fileprivate init(
        convention: String, changes: [String: ConventionGoldens.Change], sampleRate: Int
    ) throws {
        let options = try #require(Self.conventions.first { $0.name == convention }?.options)
        let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(options))
        var fields = try #require(encoded as? [String: Any])
        for (name, change) in changes { fields[name] = change.json }
        fields["sampleRate"] = sampleRate
        self = try JSONDecoder().decode(Self.self, from: JSONSerialization.data(withJSONObject: fields))
    }

    /// How far below a frame's strongest mel energy one is no longer noise of rounding: 60 dB, as the value's unit.
    fileprivate var audible: Float {
        guard let factor = logarithmFactor else { return .infinity }
        return Float(factor * log(spectrum == .magnitude ? 1e3 : 1e6) * outputScale)
    }
}

@Suite("Conventions")
struct ConventionTests {
    @Test("give what the tools give within 1e-4")
    func goldens() throws {
        let goldens = try ConventionGoldens.read()
        let folder = try TemporaryFolder()
        var samples: [String: AudioSignal] = [:]
        for signal in goldens.signals {
            var wave = WaveBytes(pcm: [])
            wave.data = Array(signal.samples)
            wave.channels = UInt16(signal.channels)
            wave.sampleRate = UInt32(signal.sampleRate)
            let path = try folder.write(wave.file, as: "\(samples.count).wav")
            samples[signal.name] = try AudioSignal.read(path: path)
        }
        var table: [String: [String: Float]] = [:]
        for example in goldens.cases {
            let signal = try #require(samples[example.signal])
            let options = try FeatureOptions(
                convention: example.convention, changes: example.changes, sampleRate: signal.sampleRate)
            let features = try FeatureExtractor(options).features(of: signal.samples)
            #expect(features.frames == example.frames, "\(example.name), \(example.signal)")
            guard features.frames == example.frames else { continue }
            let expected = example.floats
            try #require(expected.count == example.kept.count * features.bins || example.frames == 0)
            var worst: Float = 0
            for (row, frame) in example.kept.enumerated() {
                let wanted = expected[row * features.bins..<(row + 1) * features.bins]
                // A cepstrum is a sum over all filters, the inaudible ones included: relative to the frame's largest.
                let isCepstrum = options.output == .mfcc
                let largest = wanted.map(abs).max() ?? 0
                let least = isCepstrum ? -.infinity : (wanted.max() ?? 0) - options.audible
                for (column, value) in wanted.enumerated() where value > least {
                    let found = features.values[frame * features.bins + column]
                    let difference = abs(found - value) / max(1, isCepstrum ? largest : abs(value))
                    worst = difference.isNaN ? .infinity : max(worst, difference)
                }
            }
            table[example.name, default: [:]][example.signal] = worst
            #expect(worst <= 1e-4, "\(example.name), \(example.signal)")
        }
        let header = goldens.signals.map(\.name)
        print("| against | " + header.joined(separator: " | ") + " |")
        for (name, row) in table.sorted(by: { $0.key < $1.key }) {
            let cells = header.map { row[$0].map { String(format: "%.0e", $0) } ?? "–" }
            print("| \(name) | " + cells.joined(separator: " | ") + " |")
        }
    }
}
