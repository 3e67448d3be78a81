/// Which samples of a file with several channels are wanted.
public enum ChannelSelection: Sendable, Codable, Hashable {
    /// The mean of all channels.
    case mix
    /// One channel, counted from 0.
    case index(Int)
}

/// The layout of headerless PCM.
public struct RawFormat: Sendable, Codable, Hashable {
    public enum Encoding: String, Sendable, Codable, CaseIterable {
        case signed8, unsigned8, signed16, signed24, signed32, float32, float64, muLaw, aLaw
    }

    public var encoding: Encoding
    /// Samples a second, 2,000 to 768,000.
    public var sampleRate: Int
    /// Interleaved channels, 1 to 64.
    public var channels: Int
    /// Whether the first byte of a sample is its highest.
    public var bigEndian: Bool

    public init(encoding: Encoding = .signed16, sampleRate: Int, channels: Int = 1, bigEndian: Bool = false) {
        self.encoding = encoding
        self.sampleRate = sampleRate
        self.channels = channels
        self.bigEndian = bigEndian
    }

    var bytesPerFrame: Int {
        let bytes =
            switch encoding {
            case .signed8, .unsigned8, .muLaw, .aLaw: 1
            case .signed16: 2
            case .signed24: 3
            case .signed32, .float32: 4
            case .float64: 8
            }
        return bytes * channels
    }
}

/// How a file is read.
public struct AudioReadOptions: Sendable, Codable, Hashable {
    /// Resample to this rate in Hz (2,000 to 768,000); nil keeps the file's.
    public var sampleRate: Int?
    public var channel: ChannelSelection
    /// The format of headerless PCM; nil for files that say what they are.
    public var raw: RawFormat?

    public init(sampleRate: Int? = nil, channel: ChannelSelection = .mix, raw: RawFormat? = nil) {
        self.sampleRate = sampleRate
        self.channel = channel
        self.raw = raw
    }
}
