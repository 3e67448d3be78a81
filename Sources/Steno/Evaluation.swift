import StenoEvaluation
import StenoTraining

/// Transcripts of a manifest's utterances held against what was said.
package struct Evaluation: Sendable {
    package struct Utterance: Sendable {
        package let id: String
        package let reference: String
        package let hypothesis: String
    }

    package private(set) var utterances: [Utterance] = []
    package private(set) var report: TranscriptionReport
    /// Why utterances could not be read; their hypotheses are empty, so that all their words count as left out.
    package private(set) var failures: [StenoError] = []
    package private(set) var warnings: [String] = []

    /// The utterances of a manifest, of the named corpora only if any is named.
    package static func entries(of lines: TextLines, corpora: [String]) throws(StenoError) -> [ManifestEntry] {
        let all: Manifest
        do throws(ManifestError) { all = try Manifest(lines) } catch { throw .manifest(error.description) }
        guard !corpora.isEmpty else { return all.entries }
        for corpus in corpora where !all.corpora.contains(corpus) {
            throw .manifest("\(lines.path): expected a corpus \(corpus), found \(all.corpora.joined(separator: ", "))")
        }
        return all.filtered(corpora: Set(corpora)).entries
    }

    /// Transcribes the utterances.
    package init(_ entries: [ManifestEntry], with transcriber: Transcriber) {
        let recordings = entries.map { Recording($0) }
        var hypotheses: [String] = []
        var seconds = 0.0
        var failures: [StenoError] = []
        var warnings: [String] = []
        let elapsed = ContinuousClock().measure {
            transcriber.transcribe(recordings) { _, outcome in
                switch outcome {
                case .success(let transcription):
                    hypotheses.append(transcription.text)
                    seconds += transcription.durationSeconds
                    warnings += transcription.warnings
                case .failure(let error):
                    hypotheses.append("")
                    failures.append(error)
                }
            }
        }
        self.init(entries, hypotheses: hypotheses, audioSeconds: seconds, wallSeconds: elapsed / .seconds(1))
        self.failures = failures
        self.warnings = warnings
    }

    /// Holds texts that are there already against the utterances' own.
    ///
    /// - Parameter hypotheses: by the utterance's id or by the path of its audio.
    package init(_ entries: [ManifestEntry], hypotheses: [String: String]) throws(StenoError) {
        var texts: [String] = []
        for entry in entries {
            guard let text = hypotheses[entry.id] ?? hypotheses[entry.audioPath] else {
                throw .manifest("the hypotheses have no line for \(entry.id) or \(entry.audioPath)")
            }
            texts.append(text)
        }
        self.init(
            entries, hypotheses: texts, audioSeconds: entries.reduce(0) { $0 + $1.durationSeconds }, wallSeconds: nil)
    }

    private init(_ entries: [ManifestEntry], hypotheses: [String], audioSeconds: Double, wallSeconds: Double?) {
        utterances = zip(entries, hypotheses).map { .init(id: $0.id, reference: $0.text, hypothesis: $1) }
        report = TranscriptionReport(
            references: entries.map(\.text), hypotheses: hypotheses, audioSeconds: audioSeconds,
            wallSeconds: wallSeconds)
    }

    /// Reference and hypothesis of each utterance with errors, one above the other.
    package func differences(unit: TextUnit, width: Int?) -> [String] {
        utterances.filter { $0.reference != $0.hypothesis }.map {
            let aligned = AlignedDifferences(
                reference: $0.reference, hypothesis: $0.hypothesis, unit: unit, width: width)
            return "\($0.id)\n\(aligned)\n"
        }
    }
}

/// Transcripts in a file: lines of an id or a path, a tab, and the text.
package enum HypothesisFile {
    package static func read(_ path: String) throws(StenoError) -> [String: String] {
        let lines: TextLines
        do throws(ManifestError) { lines = try TextLines(path: path) } catch { throw .manifest(error.description) }
        return try texts(in: lines)
    }

    /// By name; empty lines are passed over.
    static func texts(in lines: TextLines) throws(StenoError) -> [String: String] {
        var texts: [String: String] = [:]
        for line in lines.lines where !line.text.isEmpty {
            let fields = line.fields
            guard fields.count == 2 else {
                throw .manifest(
                    "\(lines.path), line \(line.number): expected a name, a tab and a text, found \(fields.count) fields"
                )
            }
            guard texts.updateValue(fields[1], forKey: fields[0]) == nil else {
                throw .manifest("\(lines.path), line \(line.number): \(fields[0]) occurs a second time")
            }
        }
        return texts
    }
}

extension TranscriptionReport: CustomStringConvertible {
    /// The figures for a person, in a few lines.
    package var description: String {
        var lines = [
            "WER \(perCent(wer)) (95 %: \(perCent(werLower)) to \(perCent(werUpper))), \(errors(wordErrors)) "
                + "in \(words) words",
            "CER \(perCent(cer)), \(errors(characterErrors)) in \(characters) characters",
            "\(utterancesWithErrors) of \(utterances) utterances with errors",
        ]
        if let audioSeconds, let wallSeconds {
            lines.append(
                "\(audioSeconds.rounded(digits: 1)) s of audio in \(wallSeconds.rounded(digits: 1)) s, "
                    + "\((audioSeconds / max(wallSeconds, 1e-9)).rounded(digits: 1)) × real time")
        }
        return lines.joined(separator: "\n")
    }

    private func errors(_ counts: ErrorCounts) -> String {
        "\(counts.substitutions) substitutions, \(counts.deletions) deletions, \(counts.insertions) insertions"
    }

    private func perCent(_ value: Double) -> String { "\(value.rounded(digits: 2)) %" }
}
