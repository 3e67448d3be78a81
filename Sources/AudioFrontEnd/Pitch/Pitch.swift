/// The fundamental frequency of one utterance, frame by frame.
public struct Pitch: Sendable, Hashable {
    /// Hertz; 0 where a frame is not voiced, unless the options let it keep its best guess.
    public var hertz: [Float]
    /// How likely each frame is voiced, 0 to 1: the candidates' probability in probabilistic YIN, and in plain YIN 1
    /// less the normalised difference at the period.
    public var voicing: [Float]
    /// Whether a frame was taken as voiced: by the path in probabilistic YIN (which may hold on through a frame of
    /// little `voicing`), and in plain YIN where a trough is below the threshold.
    public var isVoiced: [Bool]

    public var frames: Int { hertz.count }

    public init(hertz: [Float] = [], voicing: [Float] = [], isVoiced: [Bool] = []) {
        precondition(
            hertz.count == voicing.count && hertz.count == isVoiced.count,
            "\(hertz.count), \(voicing.count) and \(isVoiced.count) are not the values of the same frames")
        self.hertz = hertz
        self.voicing = voicing
        self.isVoiced = isVoiced
    }

    /// Adds frames at the end.
    public mutating func append(_ more: Pitch) {
        hertz += more.hertz
        voicing += more.voicing
        isVoiced += more.isVoiced
    }

    mutating func append(hertz: Float, voicing: Float, isVoiced: Bool) {
        self.hertz.append(hertz)
        self.voicing.append(voicing)
        self.isVoiced.append(isVoiced)
    }
}
