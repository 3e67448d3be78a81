import AudioFrontEnd
import StenoTraining

/// Public corpora as their makers publish them, and plain folders, made into manifests.
package enum CorpusKind: String, CaseIterable, Sendable {
    case librispeech, ljspeech, commonvoice, vctk, fsdd, kaldi, folder

    /// What is imported, for a person.
    package struct Summary: Sendable, Encodable {
        package let utterances: Int
        package let audioSeconds: Double
        package let speakers: Int
        /// Utterances that cannot be used, and why.
        package let skipped: [String: String]

        private enum CodingKeys: String, CodingKey {
            case utterances
            case audioSeconds = "audio_seconds"
            case speakers, skipped
        }
    }

    /// The parts that a corpus of this kind comes in, where its files say so.
    package var splits: [String] {
        switch self {
        case .commonvoice: ["train", "dev", "test", "validated"]
        case .fsdd: FreeSpokenDigitImporter.Split.allCases.map(\.rawValue)
        default: []
        }
    }

    /// Lists a corpus and writes a manifest.
    ///
    /// - Parameters:
    ///   - split: one of `splits`; nil for the importer's standard one.
    ///   - corpusName: what is written in the column `corpus`, for folders and Kaldi directories.
    package func importing(
        _ folder: String, to manifest: String, split: String? = nil, corpusName: String? = nil
    ) throws(StenoError) -> Summary {
        let corpus: ImportedCorpus
        do throws(CorpusError) {
            corpus = try importer(folder, split: split, corpusName: corpusName ?? rawValue)
                .entries(measuring: AudioFiles.durationSeconds)
        } catch { throw .corpus(error.description) }
        guard !corpus.manifest.entries.isEmpty else {
            let first = corpus.skipped.first.map { "; \($0.id): \($0.problem)" } ?? ""
            throw .corpus("\(folder): expected utterances, found none that can be used\(first)")
        }
        do throws(ManifestError) {
            let isLines = manifest.hasSuffix(".jsonl") || manifest.hasSuffix(".json")
            try corpus.manifest.write(to: manifest, format: isLines ? .jsonLines : .tsv)
        } catch { throw .manifest(error.description) }
        return Summary(
            utterances: corpus.manifest.entries.count, audioSeconds: corpus.manifest.durationSeconds,
            speakers: Set(corpus.manifest.entries.map(\.speaker).filter { !$0.isEmpty }).count,
            skipped: Dictionary(corpus.skipped.map { ($0.id, $0.problem) }) { first, _ in first })
    }

    private func importer(_ folder: String, split: String?, corpusName: String) -> any CorpusImporter {
        switch self {
        case .librispeech: LibriSpeechImporter(directory: folder)
        case .ljspeech: LJSpeechImporter(directory: folder)
        case .commonvoice: CommonVoiceImporter(directory: folder, split: split ?? "train")
        case .vctk: VCTKImporter(directory: folder)
        case .fsdd:
            FreeSpokenDigitImporter(directory: folder, split: split.flatMap { .init(rawValue: $0) } ?? .all)
        case .kaldi: KaldiImporter(directory: folder, corpusName: corpusName)
        case .folder: FolderImporter(directory: folder, corpusName: corpusName)
        }
    }
}

/// What `ManifestCheck` finds, for a person or as JSON.
package struct CorpusCheck: Sendable, Encodable {
    package let problems: [String]
    package let totals: [String: ManifestCheck.Totals]
    /// How often each character occurs in the texts.
    package let characters: [String: Int]

    /// Reads a manifest and looks at every utterance's audio and text.
    ///
    /// - Parameter model: texts are held against its vocabulary; nil for none.
    package init(manifest: String, model: String?) throws(StenoError) {
        let entries: Manifest
        do throws(ManifestError) { entries = try Manifest(contentsOf: manifest) } catch {
            throw .manifest(error.description)
        }
        let vocabulary = try model.map { (name) throws(StenoError) in try SpeechModel(named: name).trained.vocabulary }
        let check = ManifestCheck(entries, vocabulary: vocabulary, measuring: AudioFiles.durationSeconds)
        problems = check.problems.map { "\(manifest): \($0.description)" }
        totals = check.totals
        characters = Dictionary(check.characters.map { (String($0.key), $0.value) }) { $0 + $1 }
    }
}
