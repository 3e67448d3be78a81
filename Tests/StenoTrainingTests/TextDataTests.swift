import Foundation
import StenoModels
import StenoTestSupport
import StenoText
import StenoTraining
import Testing

/// What a recipe of text makes of its files.
@Suite struct TextDataTests {
    let folder: TemporaryFolder
    private static let words = [
        "die Straße\tDIE STRASSE", "das Haus\tDAS HAUS", "die Häuser der Straße\tDIE HÄUSER DER STRASSE",
        "nicht größer\tNICHT GRÖSSER", "ein Haus ist ein Haus\tEIN HAUS IST EIN HAUS",
    ]

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(Self.words.joined(separator: "\n"), as: "train.tsv")
        try folder.write(Self.words[0], as: "dev.tsv")
    }

    private func recipe(_ data: String = "", changes: [String] = []) throws -> Recipe {
        let yaml =
            "model: {input: text}\ndata: {train: [train.tsv], dev: [dev.tsv]\(data.isEmpty ? "" : ", \(data)")}\n"
        return try Recipe(yaml: yaml, path: "r.yaml", changes: changes)
    }

    private func data(_ recipe: Recipe, start: TrainedModel? = nil) throws(TrainingError) -> TrainingData {
        try TrainingData(recipe, base: folder.url.path, start: start)
    }

    private func source(_ data: TrainingData) throws -> Vocabulary {
        guard case .text(let source) = data.input else { throw CocoaError(.coderValueNotFound) }
        return source
    }

    // MARK: Vocabularies

    @Test func charactersAreTheDefault() throws {
        let data = try data(try recipe())
        let source = try source(data)
        #expect(source.kind == .characters && source.unknown == 3)
        #expect(data.vocabulary.kind == .characters && data.vocabulary.unknown == nil)
        #expect(data.train.examples.count == 5 && data.dev.examples.count == 1)
    }

    @Test func eachSideHasItsKind() throws {
        let data = try data(try recipe("vocabulary: {target: {kind: words}}"))
        #expect(try source(data).kind == .characters)
        #expect(data.vocabulary.kind == .words)
        #expect(data.train.examples[0].tokens.count == 2)
        let small = try self.data(try recipe("vocabulary: {kind: words, size: 7, minimumCount: 2}"))
        #expect(try source(small).tokens.dropFirst(4) == ["Haus", "Straße", "die"])
        #expect(small.vocabulary.tokens.dropFirst(4) == ["HAUS", "DIE", "EIN"])
    }

    @Test func rareCharactersBecomeUnknown() throws {
        let data = try data(try recipe("vocabulary: {minimumCount: 3}"))
        #expect(data.vocabulary.unknown == 3 && !data.vocabulary.tokens.contains("G"))
        #expect(data.train.setAside.isEmpty)
    }

    @Test func oneVocabularyIsSharedByBothSides() throws {
        for kind in ["characters", "words", "subwords"] {
            let data = try data(try recipe("vocabulary: {joint: true, kind: \(kind), size: 400}"))
            #expect(try source(data) == data.vocabulary)
            #expect(data.vocabulary.missing(from: "Straße HÄUSER").isEmpty)
            #expect(data.vocabulary.unknown == 3)
        }
    }

    @Test func subwordsOfAFileAreUsedAsTheyAre() throws {
        let made = try Subwords(texts: ["die Straße DIE STRASSE"], size: 300)
        try folder.write(made.model, as: "m.model")
        let data = try data(try recipe("vocabulary: {kind: subwords, model: m.model}"))
        #expect(data.vocabulary.tokens == Vocabulary(made).tokens)
        #expect(try source(data) == data.vocabulary)

        try folder.write("not a model", as: "m.model")
        let error = try #require(throws: TrainingError.self) {
            try self.data(try recipe("vocabulary: {kind: subwords, model: m.model}"))
        }
        let sentence = "the subword model cannot be used: SentencePiece cannot make a model of it"
        #expect(error.description == "\(folder.path("m.model")): \(sentence)")
        #expect(throws: TrainingError.self) {
            try self.data(try recipe("vocabulary: {kind: subwords, model: none.model}"))
        }
    }

    @Test func tooFewSubwordsAreSaid() throws {
        let error = try #require(throws: TrainingError.self) {
            try data(try recipe("vocabulary: {kind: subwords, size: 50}"))
        }
        #expect(error.description.hasPrefix("data.vocabulary: a vocabulary of 50 subwords is too small"))
    }

    /// On either side, when learning the vocabulary and when using it, and in what a model is measured by.
    @Test func textsAreNormalised() throws {
        let data = try data(
            try recipe(
                "vocabulary: {source: {normalisation: [lowerCase]}, target: {normalisation: [stripPunctuation]}}"))
        let source = try source(data)
        #expect(!source.tokens.contains("S") && source.tokens.contains("s"))
        #expect(try source.encode("DIE") == source.encode("die"))
        try folder.write("A b\tx, y!\n", as: "train.tsv")
        try folder.write("A b\tx\n", as: "dev.tsv")
        let punctuated = try self.data(
            try recipe("vocabulary: {target: {normalisation: [stripPunctuation, collapseSpaces]}}"))
        #expect(punctuated.train.examples.map(\.text) == ["x y"])
        #expect(!punctuated.vocabulary.tokens.contains(","))
    }

    @Test func audioMayHaveSubwords() throws {
        try ToneCorpus.write(ToneCorpus.texts(6, seed: 8), named: "tones", in: folder)
        var recipe = Recipe.tones
        (recipe.data.train, recipe.data.dev) = (["tones.tsv"], ["tones.tsv"])
        recipe.data.vocabulary.target.kind = .subwords
        recipe.data.vocabulary.target.size = 14
        recipe.data.vocabulary.target.subwords.byteFallback = false
        recipe.training.epochs = 1
        let notes = Notes()
        #expect(try train(recipe, in: folder, notes: notes) == .finished)
        #expect(notes.lines.contains("vocabulary: 14 subwords"))
        #expect(try folder.model().vocabulary.kind == .subwords)
    }

    // MARK: Files

    @Test func pairsComeFromTwoFiles() throws {
        try folder.write("eins\nzwei\n\ndrei\n \n", as: "t.de")
        try folder.write("one\n\nnothing\nthree\nblank\n", as: "t.en")
        let files = "[{source: \(folder.path("t.de")), target: \(folder.path("t.en"))}]"
        let data = try data(try recipe(changes: ["data.train=\(files)", "data.dev=\(files)"]))
        #expect(data.train.examples.map(\.text) == ["one", "three"])
        #expect(data.train.setAside.map(\.id) == ["t.de:2", "t.de:3", "t.de:5"])
        #expect(
            data.train.setAside.map(\.reason) == [
                "has no text on the target side", "has no text on the source side", "has no text on the source side",
            ])
    }

    @Test func columnsMakeTheOtherDirection() throws {
        let data = try data(try recipe("sourceColumn: 2, targetColumn: 1"))
        #expect(data.train.examples[0].text == "die Straße")
    }

    @Test func pairsAreHeldOutByFileAndLine() throws {
        let data = try data(try recipe("heldOut: \"^train.tsv:[24]$\""))
        #expect(data.train.examples.map(\.id) == ["train.tsv:1", "train.tsv:3", "train.tsv:5"])
        #expect(data.dev.examples.map(\.id) == ["dev.tsv:1", "train.tsv:2"])
        #expect(data.dev.setAside.map(\.id) == ["train.tsv:4"], "the vocabulary is not learned from what is held out")
    }

    @Test func longPairsAreSetAsideInTrainingOnly() throws {
        try folder.write("a b c\tx\na\tx y z\na b\tx y\na\tx\n", as: "train.tsv")
        try folder.write("a a a a\tx x x x\n", as: "dev.tsv")
        let fields = "vocabulary: {kind: words}, longestTokens: 2"
        let set = try data(try recipe(fields)).train
        #expect(set.examples.map(\.id) == ["train.tsv:3", "train.tsv:4"])
        #expect(
            set.setAsideLines(most: 5) == ["2, the first train.tsv:1: each has more than 2 tokens on a side"])
        #expect(try data(try recipe(fields)).dev.examples.count == 1)
        let longer = try data(try recipe("vocabulary: {kind: words}, shortestTokens: 2")).train
        #expect(longer.examples.map(\.id) == ["train.tsv:3"])
        #expect(longer.setAside.map(\.reason).allSatisfy { $0 == "has fewer than 2 tokens on a side" })
    }

    @Test func manyReasonsAreSummedUp() throws {
        let pairs = ["a\t", "\tb", "a a\tb", "a\tb b", "a\tb"].joined(separator: "\n")
        try folder.write(pairs, as: "train.tsv")
        try folder.write("a\tb", as: "dev.tsv")
        let set = try data(try recipe("longestTokens: 2")).train
        #expect(
            set.setAsideLines(most: 2) == [
                "train.tsv:1: it has no text on the target side", "train.tsv:2: it has no text on the source side",
                "2 more for such reasons",
            ])
    }

    // MARK: Runs

    private func small(_ vocabulary: String) throws -> Recipe {
        var recipe = Recipe.reversal
        recipe.data = try self.recipe(vocabulary).data
        recipe.training.epochs = 2
        return recipe
    }

    @Test func aRunSaysItsVocabulariesAndKeepsThem() throws {
        let notes = Notes()
        let recipe = try small("vocabulary: {kind: subwords, size: 330, source: {size: 300}}")
        #expect(try train(recipe, in: folder, notes: notes) == .finished)
        #expect(notes.lines.contains("vocabulary: 300 subwords to 330 subwords"))
        // Once more: the checkpoint has them, whatever the texts are now.
        try folder.write("x\ty\nx\ty\n", as: "train.tsv")
        let again = Notes()
        #expect(try train(recipe, in: folder, notes: again) == .finished)
        #expect(again.lines.contains("vocabulary: 300 subwords to 330 subwords"))
        #expect(try folder.model().vocabulary == folder.checkpoint().trained.vocabulary)

        let joint = Notes()
        try train(try small("vocabulary: {kind: words, joint: true}"), in: folder, run: "joint", notes: joint)
        #expect(joint.lines.contains("vocabulary: 6 words for both sides"))
    }

    @Test func whatARunStartsFromHasItsVocabularies() throws {
        try train(try small("vocabulary: {kind: subwords, size: 300}"), in: folder)
        var recipe = try small("vocabulary: {kind: words}")
        recipe.training.startFrom = "run/model.safetensors"
        let notes = Notes()
        try train(recipe, in: folder, run: "further", notes: notes)
        #expect(notes.lines.contains("vocabulary: 300 subwords to 300 subwords"))
        #expect(try folder.model("further").vocabulary == folder.model().vocabulary)
    }

    /// A model that is passed on tells nothing of the folders.
    @Test func pathsOfARecipeAreStatedAsNames() throws {
        var recipe = try small("vocabulary: {kind: subwords, joint: true, model: \(folder.path("m.model"))}")
        recipe.data.train = [.parallel(source: folder.path("t.de"), target: folder.path("t.en"))]
        let texts = Self.words.joined(separator: "\n").replacing("\t", with: " ")
        try folder.write(texts, as: "t.de")
        try folder.write(texts, as: "t.en")
        try folder.write(try Subwords(texts: [texts], size: 300).model, as: "m.model")
        try train(recipe, in: folder)
        let stated = try Recipe(yaml: folder.model().provenance.recipe, path: "r.yaml")
        #expect(stated.data.train == [.parallel(source: "t.de", target: "t.en")])
        #expect(stated.data.vocabulary.source.model == "m.model" && stated.data.vocabulary.target.model == "m.model")
    }
}
