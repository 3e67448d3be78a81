import Foundation
import StenoTensor
import StenoTraining
import Testing

@Suite struct OptimiserTests {
    private func options(_ schedule: OptimiserOptions.Schedule) -> OptimiserOptions {
        var options = OptimiserOptions()
        options.schedule = schedule
        options.rate = 0.01
        options.finalRate = 0.0001
        options.warmupSteps = 100
        return options
    }

    @Test(arguments: OptimiserOptions.Schedule.allCases)
    func theRateRisesEvenlyToItsHeight(_ schedule: OptimiserOptions.Schedule) {
        let options = options(schedule)
        #expect(options.rate(step: 1, total: 1100) == 0.0001)
        #expect(options.rate(step: 50, total: 1100) == 0.005)
        #expect(options.rate(step: 100, total: 1100) == 0.01)
        #expect(options.rate(step: 101, total: 1100) <= 0.01)
    }

    @Test(arguments: [
        (OptimiserOptions.Schedule.constant, 0.01, 0.01), (.cosine, 0.00505, 0.0001), (.exponential, 0.001, 0.0001),
        (.inverseSquareRoot, 0.01 * (100.0 / 600).squareRoot(), 0.01 * (100.0 / 1100).squareRoot()),
    ])
    func theRateFallsAsItsScheduleSays(_ schedule: OptimiserOptions.Schedule, _ middle: Double, _ end: Double) {
        let options = options(schedule)
        #expect(abs(options.rate(step: 600, total: 1100) - middle) < 1e-12)
        #expect(abs(options.rate(step: 1100, total: 1100) - end) < 1e-12)
        if schedule != .inverseSquareRoot {  // later epochs may have a few more batches than the first
            #expect(abs(options.rate(step: 1150, total: 1100) - end) < 1e-12)
        }
    }

    @Test func withoutWarmUpTheFirstRateIsTheHighest() {
        var options = options(.cosine)
        options.warmupSteps = 0
        #expect(options.rate(step: 1, total: 1000) > 0.00999)
        options.schedule = .inverseSquareRoot
        #expect(options.rate(step: 1, total: 1000) == 0.01)
    }

    /// Kingma, Ba 2015, algorithm 1, with decay beside the gradient (Loshchilov, Hutter 2019), in double precision.
    @Test(arguments: [1, 3]) func adamIsAsPublished(workers count: Int) {
        var layout = Layout()
        let matrix = layout.add("matrix", [300, 301], start: .uniform(bound: 1))  // more than one piece
        let bias = layout.add("bias", [57], start: .uniform(bound: 1))
        let weights = Weights(layout, seed: 5)
        var options = OptimiserOptions()
        options.decay = 0.1
        let adam = Adam(layout, options: options)
        let workers = Workers(count: count)
        let parameters = [matrix, bias]
        var expected = parameters.map { weights[$0].values.map(Double.init) }
        var moment = expected.map { $0.map { _ in 0.0 } }
        var variance = moment
        for step in 1...20 {
            let gradient = Weights(layout, seed: UInt64(100 + step))
            let (rate, scale) = (0.01 / Double(step), 0.5)
            adam.update(weights, gradient: gradient, step: step, rate: rate, scale: Float(scale), workers: workers)
            for (p, parameter) in parameters.enumerated() {
                let decay = p == 0 ? 0.1 : 0
                for (i, g) in gradient[parameter].values.map({ Double($0) * scale }).enumerated() {
                    moment[p][i] = 0.9 * moment[p][i] + 0.1 * g
                    variance[p][i] = 0.98 * variance[p][i] + 0.02 * g * g
                    let m = moment[p][i] / (1 - pow(0.9, Double(step)))
                    let v = variance[p][i] / (1 - pow(0.98, Double(step)))
                    expected[p][i] -= rate * (m / (v.squareRoot() + 1e-8) + decay * expected[p][i])
                }
            }
        }
        for (p, parameter) in parameters.enumerated() {
            let worst = zip(weights[parameter].values, expected[p]).map { abs(Double($0) - $1) }.max() ?? .nan
            #expect(worst < 2e-6, "\(worst)")
        }
        let gradient = Weights(layout, seed: 9)
        let norm = gradient.flat.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs(adam.norm(of: gradient, workers: workers) - norm) < 1e-6 * norm)
    }

    @Test func theAverageIsTheMean() {
        var layout = Layout()
        _ = layout.add("w", [3, 5], start: .uniform(bound: 1))
        let all = (0..<3).map { Weights(layout, seed: $0) }
        let mean = Weights(averageOf: all.count, layout: layout) { all[$0] }
        for i in 0..<15 {
            let expected = all.reduce(0) { $0 + $1.flat.values[i] } / 3
            #expect(abs(mean.flat.values[i] - expected) < 1e-6)
        }
    }
}
