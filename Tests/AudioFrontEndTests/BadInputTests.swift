import AudioFrontEnd
import CSoundFile
import Foundation
import Testing

@Suite("Bad input")
struct BadInputTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// The error of reading a file; its sentence must name the path and be one sentence.
    private func failure(_ path: String, options: AudioReadOptions = AudioReadOptions()) throws -> AudioError {
        let error = try #require(throws: AudioError.self) { try AudioSignal.read(path: path, options: options) }
        #expect(error.description.hasPrefix(path + ": "))
        #expect(error.description.hasSuffix("."))
        #expect(!error.description.dropFirst(path.count).contains(". "))
        #expect(!error.description.contains("\n"))
        return error
    }

    @Test func missingFile() throws {
        let path = folder.path("nothing.wav")
        #expect(try failure(path) == .missing(path: path))
    }

    @Test func directory() throws {
        let path = folder.url.path
        #expect(try failure(path) == .directory(path: path))
    }

    @Test func emptyFile() throws {
        let path = try folder.write([], as: "empty.wav")
        #expect(try failure(path) == .emptyFile(path: path))
        #expect(
            try failure(path, options: AudioReadOptions(raw: RawFormat(sampleRate: 8000))) == .emptyFile(path: path))
    }

    @Test func textRenamed() throws {
        let text = String(repeating: "This is no sound at all.\n", count: 40)
        let path = try folder.write(Array(text.utf8), as: "text.wav")
        #expect(try failure(path) == .notAudio(path: path, found: "text"))
    }

    @Test func programRenamed() throws {
        let path = try folder.write([0x7F, 0x45, 0x4C, 0x46] + [UInt8](repeating: 0, count: 500), as: "program.wav")
        #expect(
            try failure(path)
                == .notAudio(path: path, found: "an unknown format that begins with the bytes 7f 45 4c 46"))
    }

    @Test("a WAV cut in the header", arguments: 4..<44)
    func cutHeader(length: Int) throws {
        let whole = WaveBytes(pcm: [1, 2, 3]).file
        let path = try folder.write(Array(whole[..<length]), as: "cut.wav")
        guard case .brokenHeader(let named, _, _) = try failure(path) else {
            Issue.record("\(try failure(path))")
            return
        }
        #expect(named == path)
    }

    @Test func noSamples() throws {
        let path = try folder.write(WaveBytes(pcm: []).file, as: "none.wav")
        #expect(try failure(path) == .noSamples(path: path))
    }

    @Test func noSamplesBeforeAnotherChunk() throws {
        var wave = WaveBytes(pcm: [])
        wave.trailer = Array("LIST".utf8) + bytes(UInt32(4)) + Array("INFO".utf8)
        let path = try folder.write(wave.file, as: "none.wav")
        #expect(try failure(path) == .noSamples(path: path))
    }

    @Test func onlyNotANumber() throws {
        let samples = [Float](repeating: .nan, count: 1000) + [.infinity]
        let path = try folder.write(WaveBytes(floats: samples).file, as: "nan.wav")
        #expect(try failure(path) == .onlyNotANumber(path: path, count: 1001))
    }

    @Test("rates out of range", arguments: [UInt32(0), 1, 1_999, 768_001, 10_000_000, .max])
    func rate(rate: UInt32) throws {
        var wave = WaveBytes(pcm: [1, 2, 3])
        wave.sampleRate = rate
        let path = try folder.write(wave.file, as: "rate.wav")
        #expect(try failure(path) == .sampleRate(path: path, found: Int(rate)))
    }

    @Test("channels out of range", arguments: [UInt16(0), 65, 1_000, .max])
    func channels(count: UInt16) throws {
        var wave = WaveBytes(pcm: [Int16](repeating: 0, count: 2000))
        wave.channels = count
        let path = try folder.write(wave.file, as: "channels.wav")
        #expect(try failure(path) == .channels(path: path, found: Int(count)))
    }

    @Test func rawFormatOutOfRange() throws {
        let path = try folder.write([0, 0, 0, 0], as: "raw")
        #expect(
            try failure(path, options: AudioReadOptions(raw: RawFormat(sampleRate: 1)))
                == .sampleRate(path: path, found: 1))
        #expect(
            try failure(path, options: AudioReadOptions(raw: RawFormat(sampleRate: 8000, channels: 0)))
                == .channels(path: path, found: 0))
    }

    @Test func rateToResampleToOutOfRange() throws {
        let path = try folder.write(WaveBytes(pcm: [1, 2, 3]).file, as: "fine.wav")
        #expect(throws: AudioError.self) {
            try AudioSignal.read(path: path, options: AudioReadOptions(sampleRate: 1_000_000))
        }
    }

    @Test(
        "lengths that the header cannot know or that are wrong are read to the end, with a warning",
        arguments: [UInt32(0), .max, 3_000_000_000, 1001])
    func wrongLength(claimed: UInt32) throws {
        let samples = tone16(440, rate: 16_000, count: 500)
        var wave = WaveBytes(pcm: samples)
        wave.claimedLength = claimed
        let path = try folder.write(wave.file, as: "length.wav")
        let signal = try AudioSignal.read(path: path)
        #expect(signal.samples == samples.map { Float($0) / 32768 })
        #expect(signal.warnings.count == 1)
        #expect(signal.warnings.first?.contains("\(claimed)") == true)
    }

    @Test("a WAV cut in the data is read to its end, with a warning")
    func cutData() throws {
        let samples = tone16(440, rate: 16_000, count: 500)
        let path = try folder.write(Array(WaveBytes(pcm: samples).file[..<(44 + 301)]), as: "cut.wav")
        let signal = try AudioSignal.read(path: path)
        #expect(signal.samples == samples[..<150].map { Float($0) / 32768 })
        #expect(signal.warnings.count == 1)
    }

    @Test("a FLAC cut in the data is read as far as it goes, with a warning")
    func cutFlac() throws {
        let path = folder.path("whole.flac")
        let samples = tone(440, rate: 16_000, count: 50_000)
        try #require(writeSound(samples, to: path, format: Int(SF_FORMAT_FLAC) | Int(SF_FORMAT_PCM_16)))
        let file = try Data(contentsOf: URL(fileURLWithPath: path))
        let cut = try folder.write(Array(file[..<(file.count / 2)]), as: "cut.flac")
        let signal = try AudioSignal.read(path: cut)
        #expect((10_000..<40_000).contains(signal.samples.count))
        #expect(signal.warnings.count == 1)
    }

    @Test("what follows the samples is not sound")
    func trailer() throws {
        var wave = WaveBytes(pcm: [1, 2, 3, 4])
        wave.trailer = Array("LIST".utf8) + bytes(UInt32(4)) + Array("INFO".utf8)
        let signal = try AudioSignal.read(path: folder.write(wave.file, as: "trailer.wav"))
        #expect(signal.samples == [1, 2, 3, 4].map { $0 / 32768 })
        #expect(signal.warnings == [])
    }

    @Test("NaN and infinities among samples are 0 and counted")
    func someNotANumber() throws {
        let path = try folder.write(
            WaveBytes(floats: [0.5, .nan, -0.25, .infinity, -.infinity, 0.125]).file, as: "nan.wav")
        let signal = try AudioSignal.read(path: path)
        #expect(signal.samples == [0.5, 0, -0.25, 0, 0, 0.125])
        #expect(signal.warnings.count == 1)
        #expect(signal.warnings.first?.contains("3 of 6") == true)
    }

    @Test(
        "a file of random bytes after any known beginning is refused or read, never worse",
        arguments: ["RIFF", "RIFX", "RF64", "FORM", "fLaC", "OggS", "ID3", ".snd", "caff", ""])
    func noise(beginning: String) throws {
        var random = SeededGenerator(1)
        for _ in 0..<40 {
            let rest = (0..<Int.random(in: 0..<2000, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let path = try folder.write(Array(beginning.utf8) + rest, as: "noise")
            do throws(AudioError) {
                _ = try AudioSignal.read(path: path)
            } catch {
                #expect(error.description.hasPrefix(path))
            }
        }
    }

    @Test("a WAV with any bytes of its header changed is refused or read, and no more than what is there")
    func mutations() throws {
        var random = SeededGenerator(1)
        let whole = WaveBytes(pcm: tone16(440, rate: 16_000, count: 500)).file
        for _ in 0..<500 {
            var file = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                file[Int.random(in: 0..<44, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let path = try folder.write(file, as: "changed.wav")
            do throws(AudioError) {
                let signal = try AudioSignal.read(path: path)
                #expect(signal.samples.count <= 8 * file.count)
            } catch {
                #expect(error.description.hasPrefix(path))
            }
        }
    }
}
