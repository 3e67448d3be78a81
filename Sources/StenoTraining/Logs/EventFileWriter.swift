import Foundation

/// Writes figures, texts and pictures of a training run as an event file, which TensorBoard opens.
///
/// The file has TFRecords (``RecordFile``) of TensorFlow's `Event` messages (`event.proto`, `summary.proto`,
/// `tensor.proto`), encoded here by hand. There is one file in a run's folder, `events.out.tfevents.steno`. A
/// TensorBoard that is running while a run is resumed has to be restarted to see it go on.
package final class EventFileWriter {
    package static let fileName = "events.out.tfevents.steno"
    private let file: AppendedFile
    private let wallTime: () -> Double

    /// Opens the event file in a folder, which is made where it is missing.
    ///
    /// - Parameters:
    ///   - directory: path of the folder.
    ///   - resumeStep: events of later steps are dropped, and what a killed run left half-written; nil drops all.
    ///   - wallTime: seconds since 1970, for the times in the file.
    package init(
        directory: String, resumeStep: Int?, wallTime: @escaping () -> Double = { Date().timeIntervalSince1970 }
    ) throws(LogError) {
        self.wallTime = wallTime
        let path = URL(fileURLWithPath: directory).appendingPathComponent(Self.fileName).path
        var kept: [UInt8] = []
        if let resumeStep {
            let bytes = try AppendedFile.contents(of: path)
            for record in RecordFile.records(in: bytes) where Self.step(of: bytes[record]) <= Int64(resumeStep) {
                kept += bytes[record.lowerBound - 12..<record.upperBound + 4]
            }
        }
        if kept.isEmpty {
            kept = RecordFile.framed(Self.event(step: 0, seconds: wallTime()) { $0.append(3, string: "brain.Event:2") })
        }
        file = try AppendedFile(path: path, contents: kept)
    }

    package func scalar(_ tag: String, _ value: Double, step: Int) throws(LogError) {
        try append(step: step) {
            $0.append(1, string: tag)
            $0.append(2, float: Float(value))
        }
    }

    /// A text, shown by TensorBoard as Markdown.
    package func text(_ tag: String, _ value: String, step: Int) throws(LogError) {
        try append(step: step) {
            $0.append(1, string: tag)
            $0.append(8) { tensor in
                tensor.append(1, integer: 7)  // DT_STRING
                tensor.append(2) { shape in shape.append(2) { $0.append(1, integer: 1) } }
                tensor.append(8, string: value)
            }
            $0.append(9) { metadata in
                metadata.append(1) { $0.append(1, string: "text") }
                metadata.append(4, integer: 2)  // DATA_CLASS_TENSOR
            }
        }
    }

    /// A picture.
    package func image(_ tag: String, _ picture: PNGImage, step: Int) throws(LogError) {
        try append(step: step) {
            $0.append(1, string: tag)
            $0.append(4) { image in
                image.append(1, integer: Int64(picture.height))
                image.append(2, integer: Int64(picture.width))
                image.append(3, integer: 3)  // RGB
                image.append(4, bytes: picture.bytes)
            }
        }
    }

    private func append(step: Int, value: (inout ProtocolBuffer) -> Void) throws(LogError) {
        let event = Self.event(step: step, seconds: wallTime()) { event in
            event.append(5) { summary in summary.append(1, message: value) }
        }
        try file.append(RecordFile.framed(event))
    }

    private static func event(
        step: Int, seconds: Double, content: (inout ProtocolBuffer) -> Void
    ) -> [UInt8] {
        var event = ProtocolBuffer()
        event.append(1, double: seconds)
        if step != 0 { event.append(2, integer: Int64(step)) }
        content(&event)
        return event.bytes
    }

    /// An event without a step is of step 0.
    private static func step(of event: ArraySlice<UInt8>) -> Int64 {
        ProtocolBuffer.integer(2, in: event) ?? 0
    }
}
