/// What was said in one recording.
public struct Transcription: Sendable, Hashable, Codable {
    /// A part of the recording between pauses.
    public struct Segment: Sendable, Hashable, Codable {
        /// From the beginning of the recording.
        public var startSeconds: Double
        public var endSeconds: Double
        public var text: String

        private enum CodingKeys: String, CodingKey {
            case startSeconds = "start"
            case endSeconds = "end"
            case text
        }
    }

    /// The text of all segments.
    public var text: String
    /// One for a recording as short as those that the model was trained on; more where a long one was cut at pauses.
    /// Parts without speech between them are left out.
    public var segments: [Segment]
    public var durationSeconds: Double
    /// The sum of the segments' scores by which the text was preferred to others, near a natural log-probability.
    public var score: Double
    /// What was wrong with the recording and could be read nevertheless, a sentence each.
    public var warnings: [String]

    private enum CodingKeys: String, CodingKey {
        case text, segments
        case durationSeconds = "audio_seconds"
        case score, warnings
    }

    init(segments: [Segment], durationSeconds: Double, score: Double, warnings: [String]) {
        text = segments.map(\.text).filter { !$0.isEmpty }.joined(separator: " ")
        self.segments = segments
        self.durationSeconds = durationSeconds
        self.score = score
        self.warnings = warnings
    }
}
