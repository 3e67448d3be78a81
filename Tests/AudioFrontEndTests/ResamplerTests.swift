import AudioFrontEnd
import Foundation
import Testing

@Suite("Resampler")
struct ResamplerTests {
    @Test(
        "a tone stays that tone",
        arguments: [(48_000, 16_000), (44_100, 16_000), (8_000, 16_000), (22_050, 16_000), (16_000, 44_100)])
    func tones(from: Int, to: Int) throws {
        let source = tone(440, rate: Double(from), count: from)
        let result = try Resampler.resample(source, from: Double(from), to: Double(to))
        #expect(abs(result.count - to) <= 1)
        let ideal = tone(440, rate: Double(to), count: to)
        let edge = to / 20
        let worst = zip(result, ideal).dropFirst(edge).dropLast(edge).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst < 1e-4)
    }

    @Test("a tone above the new Nyquist frequency goes away")
    func aliasing() throws {
        let result = try Resampler.resample(tone(10_000, rate: 48_000, count: 48_000), from: 48_000, to: 16_000)
        let loudest = result.dropFirst(800).dropLast(800).map { abs($0) }.max() ?? .infinity
        #expect(loudest < 1e-4)
    }

    @Test("pieces give the same as the whole")
    func pieces() throws {
        let source = tone(440, rate: 44_100, count: 50_000)
        let whole = try Resampler.resample(source, from: 44_100, to: 16_000)
        var random = SeededGenerator(3)
        let resampler = try Resampler(from: 44_100, to: 16_000)
        var result: [Float] = []
        var start = 0
        while start < source.count {
            let end = min(source.count, start + Int.random(in: 0...3000, using: &random))
            result += try resampler.process(Array(source[start..<end]))
            start = end
        }
        result += try resampler.finish()
        #expect(result == whole)
    }

    @Test("a faster signal is shorter and higher", arguments: [0.9, 1.0, 1.1])
    func speed(factor: Double) throws {
        let source = tone(440, rate: 16_000, count: 16_000)
        let result = try changeSpeed(source, by: factor)
        #expect(abs(Double(result.count) - 16_000 / factor) <= 1)
        let ideal = tone(440 * factor, rate: 16_000, count: result.count)
        let worst = zip(result, ideal).dropFirst(800).dropLast(800).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst < 1e-4)
    }

    @Test("a speed or ratio out of range is refused")
    func refused() {
        #expect(throws: AudioError.self) { try changeSpeed([0, 1], by: 0) }
        #expect(throws: AudioError.self) { try changeSpeed([0, 1], by: .nan) }
        #expect(throws: AudioError.self) { try Resampler(from: 0, to: 1) }
        #expect(throws: AudioError.self) { try Resampler(from: .infinity, to: 1) }
    }

    @Test("threads that resample at the same time get the same samples")
    func threads() async throws {
        let source = tone(440, rate: 16_000, count: 30_000)
        let factors = [0.9, 1.1, 0.9, 1.1, 0.9, 1.1, 0.9, 1.1]
        let alone = try [changeSpeed(source, by: 0.9), changeSpeed(source, by: 1.1)]
        let same = await withTaskGroup(of: Bool.self) { group in
            for (index, factor) in factors.enumerated() {
                group.addTask { (try? changeSpeed(source, by: factor)) == alone[index % 2] }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(same == factors.map { _ in true })
    }

    @Test("nothing gives nothing")
    func empty() throws {
        #expect(try changeSpeed([], by: 1.1).isEmpty)
    }
}
