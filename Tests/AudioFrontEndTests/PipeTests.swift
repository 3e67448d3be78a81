import AudioFrontEnd
import CSoundFile
import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("Standard input and pipes", .serialized)
struct PipeTests {
    /// What `read` makes of bytes that come through a pipe (fewer than a pipe holds).
    private func throughPipe<Value>(_ data: [UInt8], _ read: (_ path: String) throws -> Value) throws -> Value {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        try #require(data.count <= 65_536)
        #expect(Glibc.write(ends[1], data, data.count) == data.count)
        close(ends[1])
        return try read("/dev/fd/\(ends[0])")
    }

    @Test("lengths that a writer to a pipe could not know give no warning", arguments: [UInt32(0), .max, 0x7FFF_FFFF])
    func unknownLength(claimed: UInt32) throws {
        let samples = tone16(440, rate: 16_000, count: 5000)
        var wave = WaveBytes(pcm: samples)
        wave.claimedLength = claimed
        let signal = try throughPipe(wave.file) { try AudioSignal.read(path: $0) }
        #expect(signal.samples == samples.map { Float($0) / 32768 })
        #expect(signal.warnings == [])
    }

    @Test("an honest WAV keeps what follows its samples out of them")
    func trailer() throws {
        var wave = WaveBytes(pcm: [1, 2, 3, 4])
        wave.trailer = Array("LIST".utf8) + bytes(UInt32(4)) + Array("INFO".utf8)
        let signal = try throughPipe(wave.file) { try AudioSignal.read(path: $0) }
        #expect(signal.samples == [1, 2, 3, 4].map { $0 / 32768 })
    }

    @Test("a format that needs seeking is read from a pipe")
    func seeking() throws {
        let folder = try TemporaryFolder()
        let samples = tone(440, rate: 16_000, count: 5000)
        let path = folder.path("sound.flac")
        try #require(writeSound(samples, to: path, format: Int(SF_FORMAT_FLAC) | Int(SF_FORMAT_PCM_16)))
        let file = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let direct = try AudioSignal.read(path: path)
        #expect(try throughPipe(file) { try AudioSignal.read(path: $0) } == direct)
    }

    @Test("headerless samples are read from a pipe")
    func headerless() throws {
        let options = AudioReadOptions(raw: RawFormat(sampleRate: 8000))
        let signal = try throughPipe([0, 0x40, 0, 0xC0]) { try AudioSignal.read(path: $0, options: options) }
        #expect(signal.samples == [0.5, -0.5])
    }

    @Test("samples are given while the writer still writes", arguments: [true, false])
    func live(headerless: Bool) throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let samples = tone16(440, rate: 16_000, count: 20_000)
        var wave = WaveBytes(pcm: samples)
        wave.claimedLength = .max
        let data = headerless ? wave.data : wave.file
        #expect(Glibc.write(ends[1], data, data.count) == data.count)
        let options = AudioReadOptions(raw: headerless ? RawFormat(sampleRate: 16_000) : nil)
        let reader = try AudioReader(path: "/dev/fd/\(ends[0])", options: options)
        #expect(reader.sourceFrames == nil)
        #expect(try reader.read(upTo: 8_000) == samples[..<8_000].map { Float($0) / 32768 })
    }

    @Test("a WAV cut in the header is told from a pipe too")
    func cutHeader() throws {
        let file = Array(WaveBytes(pcm: [1, 2, 3]).file[..<30])
        #expect(throws: AudioError.self) { try throughPipe(file) { try AudioSignal.read(path: $0) } }
    }

    @Test("an empty pipe is an empty file")
    func empty() throws {
        #expect(throws: AudioError.self) { try throughPipe([]) { try AudioSignal.read(path: $0) } }
    }

    @Test("- is standard input")
    func standardInput() throws {
        let samples = tone16(440, rate: 16_000, count: 5000)
        let kept = dup(STDIN_FILENO)
        defer {
            if kept >= 0 {
                dup2(kept, STDIN_FILENO)
                close(kept)
            } else {
                close(STDIN_FILENO)
            }
        }
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        let file = WaveBytes(pcm: samples).file
        #expect(Glibc.write(ends[1], file, file.count) == file.count)
        close(ends[1])
        dup2(ends[0], STDIN_FILENO)
        if ends[0] != STDIN_FILENO { close(ends[0]) }
        #expect(try AudioSignal.read(path: "-").samples == samples.map { Float($0) / 32768 })
    }
}
