import StenoTestSupport

/// A small training run of the program: ten utterances of tones and a recipe.
struct TonesRun {
    let folder: TemporaryFolder
    let recipe: String

    private static let texts = ["abc", "cab", "ab c", "bca", "c ba", "a b c", "cc a", "bab", "ca b", "acb"]

    /// - Parameter training: further lines of that section.
    init(training: String = "") throws {
        folder = try TemporaryFolder()
        var manifest = "id\taudio\tduration\tspeaker\tcorpus\ttext\n"
        for (number, text) in Self.texts.enumerated() {
            let samples = spoken(text)
            try folder.write(WaveBytes(samples).file, as: "\(number).wav")
            manifest += "u\(number)\t\(number).wav\t\(Double(samples.count) / 16_000)\tmachine\ttones\t\(text)\n"
        }
        try folder.write(manifest, as: "tones.tsv")
        let yaml = """
            data: {train: [tones.tsv], dev: [tones.tsv]}
            model:
              encoder: {subsampling: 2, channels: 4, input: 32, layers: 1, units: 32}
              decoder: {embedding: 16, units: 32, attention: 32, readout: 32}
            training:
              epochs: 60
              batchUtterances: 4
              averaged: 2
              checkpointMinutes: 0.0005
              \(training)
            """
        recipe = try folder.write(yaml, as: "recipe.yml")
    }
}
