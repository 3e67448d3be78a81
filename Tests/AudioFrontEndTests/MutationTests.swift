import AudioFrontEnd
import CSoundFile
import Foundation
import Testing

/// Files of every format with bytes changed at random, through the reader and the extractor: each gives finite features
/// or one sentence. Seeded, so that a failure comes again; `STENO_MUTATIONS` says how many inputs (1,500 without it),
/// `STENO_MUTATION_SEED` where they begin.
@Suite("Changed files")
struct MutationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let inputs = environment["STENO_MUTATIONS"].flatMap(Int.init) ?? 1_500
    private static let seed = environment["STENO_MUTATION_SEED"].flatMap(UInt64.init) ?? 1

    /// Short files of the formats that the library has: name and bytes.
    private static func originals(in folder: TemporaryFolder) throws -> [(name: String, bytes: [UInt8])] {
        let formats: [(String, Int, Int)] = [
            ("wav", Int(SF_FORMAT_WAV) | Int(SF_FORMAT_PCM_16), 16_000),
            ("float.wav", Int(SF_FORMAT_WAV) | Int(SF_FORMAT_FLOAT), 22_050),
            ("mulaw.wav", Int(SF_FORMAT_WAV) | Int(SF_FORMAT_ULAW), 8_000),
            ("ima.wav", Int(SF_FORMAT_WAV) | Int(SF_FORMAT_IMA_ADPCM), 16_000),
            ("ms.wav", Int(SF_FORMAT_WAV) | Int(SF_FORMAT_MS_ADPCM), 16_000),
            ("gsm.wav", Int(SF_FORMAT_WAV) | Int(SF_FORMAT_GSM610), 8_000),
            ("wavex", Int(SF_FORMAT_WAVEX) | Int(SF_FORMAT_PCM_24), 48_000),
            ("rf64", Int(SF_FORMAT_RF64) | Int(SF_FORMAT_PCM_16), 16_000),
            ("w64", Int(SF_FORMAT_W64) | Int(SF_FORMAT_PCM_16), 16_000),
            ("aiff", Int(SF_FORMAT_AIFF) | Int(SF_FORMAT_PCM_16), 44_100),
            ("au", Int(SF_FORMAT_AU) | Int(SF_FORMAT_ALAW), 8_000),
            ("caf", Int(SF_FORMAT_CAF) | Int(SF_FORMAT_ALAC_16), 16_000),
            ("voc", Int(SF_FORMAT_VOC) | Int(SF_FORMAT_PCM_16), 16_000),
            ("nist", Int(SF_FORMAT_NIST) | Int(SF_FORMAT_PCM_16), 16_000),
            ("flac", Int(SF_FORMAT_FLAC) | Int(SF_FORMAT_PCM_16), 16_000),
            ("ogg", Int(SF_FORMAT_OGG) | Int(SF_FORMAT_VORBIS), 16_000),
            ("opus", Int(SF_FORMAT_OGG) | Int(SF_FORMAT_OPUS), 16_000),
        ]
        return try formats.compactMap { name, format, rate in
            let path = folder.path("original." + name)
            let samples = tone(440, rate: Double(rate), count: rate / 5)
            guard writeSound(samples, to: path, format: format, sampleRate: rate) else { return nil }
            return (name, [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        }
    }

    /// One to eight changes, most of them in the header.
    private static func changed(_ bytes: [UInt8], by random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
            let end = Bool.random(using: &random) ? min(bytes.count, 96) : bytes.count
            let place = Int.random(in: 0..<end, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            case 3:  // a number of four bytes
                let number =
                    [0, 1, .max, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0].randomElement(using: &random) ?? UInt32(0)
                for (offset, byte) in AudioFrontEndTests.bytes(number).enumerated() where place + offset < bytes.count {
                    bytes[place + offset] = byte
                }
            case 4: bytes.removeLast(bytes.count - place)
            case 5: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...16, using: &random)))
            default:
                let piece = bytes[place..<min(bytes.count, place + Int.random(in: 1...64, using: &random))]
                bytes.insert(contentsOf: Array(piece), at: Int.random(in: 0...bytes.count, using: &random))
            }
        }
        return bytes
    }

    @Test func everyChangedFileIsReadOrRefused() throws {
        let folder = try TemporaryFolder()
        let originals = try Self.originals(in: folder)
        try #require(originals.count >= 10)
        let extractors = try FeatureOptions.conventions.map { (name, options) in
            var options = options
            options.sampleRate = 16_000
            return (name, try FeatureExtractor(options))
        }
        func expectFinite(_ features: Features, _ input: Int, _ names: String...) {
            let finite = features.values.allSatisfy { $0.isFinite }
            #expect(finite, "input \(input), \(names)")
        }
        var read = 0
        for input in 0..<Self.inputs {
            var random = SeededGenerator(Self.seed &+ UInt64(input))
            let (format, bytes) = originals[input % originals.count]
            let (convention, extractor) = extractors[Int.random(in: 0..<extractors.count, using: &random)]
            let path = try folder.write(Self.changed(bytes, by: &random), as: "changed")
            do throws(AudioError) {
                let reader = try AudioReader(path: path, options: AudioReadOptions(sampleRate: 16_000))
                var stream = extractor.stream()
                // A header may promise hours; a few seconds of any file are enough.
                for _ in 0..<8 {
                    let piece = try reader.read(upTo: 8_000)
                    expectFinite(stream.push(piece), input, format, convention)
                    if piece.isEmpty { break }
                }
                expectFinite(stream.finish(), input, format, convention)
                read += 1
            } catch {
                #expect(error.description.hasPrefix(path) && error.description.hasSuffix("."), "input \(input)")
                #expect(!error.description.contains("\n"), "input \(input)")
            }
        }
        // Some changes are harmless and some are not: both ways were gone.
        #expect(read > Self.inputs / 20 && read < Self.inputs)
        print("\(Self.inputs) changed files of \(originals.count) formats: \(read) read, \(Self.inputs - read) refused")
    }
}
