import AudioFrontEnd
import CSoundFile
import Foundation
import Testing

@Suite("Formats read back")
struct FormatTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    struct Format: Sendable, CustomTestStringConvertible {
        let name: String
        let code: Int
        /// Largest difference of a sample.
        let tolerance: Float
        var testDescription: String { name }
    }

    static let exact: [Format] = [
        Format(name: "WAV 8 bit", code: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_PCM_U8), tolerance: 1 / 100),
        Format(name: "WAV 16 bit", code: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_PCM_16), tolerance: 1 / 30_000),
        Format(name: "WAV 24 bit", code: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_PCM_24), tolerance: 1e-6),
        Format(name: "WAV 32 bit", code: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_PCM_32), tolerance: 1e-6),
        Format(name: "WAV float", code: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_FLOAT), tolerance: 0),
        Format(name: "WAV double", code: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_DOUBLE), tolerance: 0),
        Format(name: "WAV µ-law", code: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_ULAW), tolerance: 0.02),
        Format(name: "WAV extensible", code: Int(SF_FORMAT_WAVEX) | Int(SF_FORMAT_PCM_16), tolerance: 1 / 30_000),
        Format(
            name: "RIFX", code: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_PCM_16) | Int(SF_ENDIAN_BIG),
            tolerance: 1 / 30_000),
        Format(name: "RF64", code: Int(SF_FORMAT_RF64) | Int(SF_FORMAT_PCM_16), tolerance: 1 / 30_000),
        Format(name: "FLAC", code: Int(SF_FORMAT_FLAC) | Int(SF_FORMAT_PCM_16), tolerance: 1 / 30_000),
        Format(name: "AIFF", code: Int(SF_FORMAT_AIFF) | Int(SF_FORMAT_PCM_16), tolerance: 1 / 30_000),
    ]

    @Test("samples come back", arguments: exact)
    func roundTrip(format: Format) throws {
        let samples = tone(440, rate: 16_000, count: 5050)
        let path = folder.path("sound")
        try #require(writeSound(samples, to: path, format: format.code))
        let signal = try AudioSignal.read(path: path)
        #expect(signal.sampleRate == 16_000)
        #expect(signal.warnings == [])
        #expect(signal.samples.count == 5050)
        let worst = zip(samples, signal.samples).map { abs($0 - $1) }.max()
        #expect(try #require(worst) <= format.tolerance)
    }

    static let lossy: [Format] = [
        Format(name: "WAV IMA ADPCM", code: Int(SF_FORMAT_WAV) | Int(SF_FORMAT_IMA_ADPCM), tolerance: 0.05),
        Format(name: "Ogg Vorbis", code: Int(SF_FORMAT_OGG) | Int(SF_FORMAT_VORBIS), tolerance: 0.15),
        Format(name: "Opus", code: Int(SF_FORMAT_OGG) | Int(SF_FORMAT_OPUS), tolerance: 0.15),
        Format(name: "MP3", code: Int(SF_FORMAT_MPEG) | Int(SF_FORMAT_MPEG_LAYER_III), tolerance: 0.15),
    ]

    @Test("a lossy format keeps the tone", arguments: lossy)
    func lossyRoundTrip(format: Format) throws {
        let samples = tone(440, rate: 16_000, count: 16_000)
        let path = folder.path("sound")
        try #require(writeSound(samples, to: path, format: format.code))
        let signal = try AudioSignal.read(path: path, options: AudioReadOptions(sampleRate: 16_000))
        #expect(signal.warnings == [])
        #expect(abs(signal.samples.count - 16_000) < 2_500)
        let middle = signal.samples[4000..<12_000]
        let power = middle.reduce(0) { $0 + $1 * $1 } / Float(middle.count)
        #expect(abs(power - 0.125) < 0.125 * format.tolerance)
        let crossings = zip(middle, middle.dropFirst()).count { ($0 < 0) != ($1 < 0) }
        #expect(abs(crossings - 440) <= 2)
    }

    @Test("channels are mixed or one is taken")
    func channels() throws {
        let left = tone(300, rate: 16_000, count: 3000)
        let right = tone(700, rate: 16_000, count: 3000)
        let path = folder.path("stereo.wav")
        let code = Int(SF_FORMAT_WAV) | Int(SF_FORMAT_FLOAT)
        try #require(writeSound(zip(left, right).flatMap { [$0, $1] }, to: path, format: code, channels: 2))
        #expect(try AudioSignal.read(path: path).samples == zip(left, right).map { $0 * 0.5 + $1 * 0.5 })
        #expect(try AudioSignal.read(path: path, options: AudioReadOptions(channel: .index(0))).samples == left)
        #expect(try AudioSignal.read(path: path, options: AudioReadOptions(channel: .index(1))).samples == right)
        #expect(throws: AudioError.noSuchChannel(path: path, wanted: 2, found: 2)) {
            try AudioSignal.read(path: path, options: AudioReadOptions(channel: .index(2)))
        }
    }

    @Test("64 channels are read")
    func manyChannels() throws {
        var wave = WaveBytes(pcm: [Int16](repeating: 8192, count: 64 * 10))
        wave.channels = 64
        let signal = try AudioSignal.read(path: folder.write(wave.file, as: "many.wav"))
        #expect(signal.samples == [Float](repeating: 0.25, count: 10))
    }

    @Test("the ends of the range of rates are read", arguments: [UInt32(2_000), 768_000])
    func rates(rate: UInt32) throws {
        var wave = WaveBytes(pcm: tone16(100, rate: Double(rate), count: 100))
        wave.sampleRate = rate
        #expect(try AudioSignal.read(path: folder.write(wave.file, as: "rate.wav")).sampleRate == Int(rate))
    }

    static let raw: [(RawFormat, [UInt8])] = [
        (RawFormat(encoding: .signed8, sampleRate: 8000), [0x40, 0xC0]),
        (RawFormat(encoding: .unsigned8, sampleRate: 8000), [0xC0, 0x40]),
        (RawFormat(encoding: .signed16, sampleRate: 8000), [0, 0x40, 0, 0xC0]),
        (RawFormat(encoding: .signed16, sampleRate: 8000, bigEndian: true), [0x40, 0, 0xC0, 0]),
        (RawFormat(encoding: .signed24, sampleRate: 8000), [0, 0, 0x40, 0, 0, 0xC0]),
        (RawFormat(encoding: .signed32, sampleRate: 8000), [0, 0, 0, 0x40, 0, 0, 0, 0xC0]),
        (RawFormat(encoding: .float32, sampleRate: 8000), bytes(Float(0.5).bitPattern) + bytes(Float(-0.5).bitPattern)),
        (
            RawFormat(encoding: .float64, sampleRate: 8000),
            bytes(Double(0.5).bitPattern) + bytes(Double(-0.5).bitPattern)
        ),
    ]

    @Test("headerless samples are read when their format is given", arguments: raw)
    func headerless(format: RawFormat, data: [UInt8]) throws {
        let path = try folder.write(data, as: "raw")
        let signal = try AudioSignal.read(path: path, options: AudioReadOptions(raw: format))
        #expect(signal.samples == [0.5, -0.5])
        #expect(signal.sampleRate == 8000)
    }

    @Test("headerless samples that end within one give a warning")
    func headerlessRest() throws {
        let path = try folder.write([0, 0x40, 1], as: "raw")
        let signal = try AudioSignal.read(path: path, options: AudioReadOptions(raw: RawFormat(sampleRate: 8000)))
        #expect(signal.samples == [0.5])
        #expect(signal.warnings.count == 1)
    }

    @Test("a file read by pieces gives the samples of the file read at once", arguments: [nil, 8000, 44_100])
    func pieces(rate: Int?) throws {
        let path = try folder.write(WaveBytes(pcm: tone16(440, rate: 16_000, count: 100_000)).file, as: "long.wav")
        let options = AudioReadOptions(sampleRate: rate)
        let whole = try AudioSignal.read(path: path, options: options)
        let reader = try AudioReader(path: path, options: options)
        #expect(reader.sourceFrames == 100_000)
        #expect(reader.sourceSampleRate == 16_000)
        #expect(reader.sampleRate == rate ?? 16_000)
        var samples: [Float] = []
        var next = 1
        while case let piece = try reader.read(upTo: next), !piece.isEmpty {
            #expect(piece.count == min(next, whole.samples.count - samples.count))
            samples += piece
            next = next * 3 % 10_007
        }
        #expect(samples == whole.samples)
    }
}
