/// The samples of a whole file, as one channel.
public struct AudioSignal: Sendable, Hashable {
    /// In [-1, 1]; float files may go beyond.
    public var samples: [Float]
    /// Samples a second.
    public var sampleRate: Int
    /// What was wrong with the file and could be read nevertheless, a sentence each.
    public var warnings: [String]

    public init(samples: [Float], sampleRate: Int, warnings: [String] = []) {
        self.samples = samples
        self.sampleRate = sampleRate
        self.warnings = warnings
    }

    public var durationSeconds: Double { Double(samples.count) / Double(sampleRate) }

    /// Reads all of a file, or of standard input for "-". What is allocated grows with what is read, whatever the
    /// file claims.
    public static func read(
        path: String, options: AudioReadOptions = AudioReadOptions()
    ) throws(AudioError) -> AudioSignal {
        let reader = try AudioReader(path: path, options: options)
        var samples: [Float] = []
        while case let piece = try reader.read(upTo: 1 << 16), !piece.isEmpty { samples += piece }
        return AudioSignal(samples: samples, sampleRate: reader.sampleRate, warnings: reader.warnings)
    }
}
