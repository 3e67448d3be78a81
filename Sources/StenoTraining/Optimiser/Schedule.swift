import Foundation

extension OptimiserOptions {
    /// The learning rate at `step` (from 1) of `total`.
    package func rate(step: Int, total: Int) -> Double {
        if step <= warmupSteps { return rate * Double(step) / Double(max(warmupSteps, 1)) }
        let share = min(1, Double(step - warmupSteps) / Double(max(total - warmupSteps, 1)))
        switch schedule {
        case .constant: return rate
        case .inverseSquareRoot: return rate * (Double(max(warmupSteps, 1)) / Double(step)).squareRoot()
        case .cosine: return finalRate + (rate - finalRate) * (1 + cos(.pi * share)) / 2
        case .exponential: return rate * Foundation.pow(max(finalRate, 1e-12) / rate, share)
        }
    }
}
