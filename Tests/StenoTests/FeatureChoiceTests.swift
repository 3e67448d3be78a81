import AudioFrontEnd
import Foundation
import Steno
import StenoTestSupport
import Testing

@Suite("Choice of features")
struct FeatureChoiceTests {
    @Test(arguments: [
        ("kaldiMFCC", FeatureChoice.Kind.mel, "kaldi"), ("kaldiMFCC", .spectrogram, "kaldiSpectrogram"),
        ("kaldiSpectrogram", .mfcc, "kaldiMFCC"), ("kaldiSpectrogram", .spectrogram, "kaldiSpectrogram"),
        ("kaldi", .mfcc, "kaldiMFCC"), ("htkMFCC", .mel, "htk"), ("librosaMFCC", .mel, "librosa"),
        ("pythonSpeechFeaturesMFCC", .mel, "pythonSpeechFeatures"), ("whisper128", .mel, "whisper128"),
    ])
    func aKindIsTheToolsOwnWhateverNameIsGiven(name: String, kind: FeatureChoice.Kind, same: String) throws {
        let choice = try FeatureChoice(.convention(name), kind: kind)
        #expect(try choice.description == FeatureChoice(.convention(same)).description)
    }

    /// The HTK Book, 5.10: 6 MFCC, 7 FBANK, 8 MELSPEC, 9 USER; 0100 _E, 0400 _D, 01000 _A, 04000 _Z, 020000 _0,
    /// 0100000 _T.
    @Test(arguments: [
        ("htk", [], 0, 7), ("htk", ["energy=lastColumn"], 0, 0o107), ("htk", ["energy=firstColumn"], 0, 9),
        ("htk", ["compression=none"], 0, 8), ("htkMFCC", [], 0, 0o20006), ("htkMFCC", [], 1, 0o20406),
        ("htkMFCC", [], 2, 0o21406), ("htkMFCC", [], 3, 0o121406), ("htkMFCC", [], 4, 9),
        ("htkMFCC", ["energy=replacesFirst"], 2, 0o1506), ("htkMFCC", ["energy=lastColumn"], 0, 0o20106),
        ("htkMFCC", ["energy=firstColumn"], 0, 9), ("kaldiMFCC", [], 2, 9), ("kaldiSpectrogram", [], 1, 9),
    ])
    func htkKnowsWhatTheValuesAre(name: String, changes: [String], deltas: Int, expected: Int) throws {
        let choice = try FeatureChoice(.convention(name), changes: changes, deltas: deltas)
        #expect(Int(UInt16(bitPattern: choice.htk.kind.rawValue)) == expected)
    }

    @Test(arguments: [
        (FeatureChoice.Normalising.utteranceMean, 0o24006), (.utterance, 0o20006), (.sliding, 0o20006),
    ])
    func htkKnowsOfMeansOfZero(normalising: FeatureChoice.Normalising, expected: Int) throws {
        let choice = try FeatureChoice(.convention("htkMFCC"), normalising: normalising)
        #expect(Int(choice.htk.kind.rawValue) == expected)
    }

    @Test func pitchIsOfNoKindOfHTKs() throws {
        #expect(try FeatureChoice(.standard, kind: .pitch).htk.kind == .user)
    }

    /// A pipeline as Swift stores it, and as a person writes it.
    @Test func aStoredPipelineIsTaken() throws {
        let folder = try TemporaryFolder()
        var options = FeatureOptions()
        options.melBins = 4
        let global = Normalisation(mode: .global, means: [1, 2, 3, 0.1], deviations: [1, 1, 2, 0.3])
        let steps: [FeatureStep] = [
            .normalisation(global), .deltas(Deltas(order: 1)), .slidingNormalisation(SlidingNormalisation()),
            .stacking(Stacking(left: 2, stride: 3)), .normalisation(.utterance),
        ]
        let pipeline = FeaturePipeline(options, steps: steps)
        let stored = try folder.write(String(decoding: JSONEncoder().encode(pipeline), as: UTF8.self), as: "p.json")
        let written = try folder.write(
            """
            options: {melBins: 4}
            steps:
            - normalisation: {mode: global, means: [1, 2, 3, 0.1], deviations: [1, 1, 2, 0.3]}
            - deltas: {order: 1}
            - slidingNormalisation: {}
            - stacking: {left: 2, stride: 3}
            - normalisation: {mode: utterance}
            """, as: "p.yaml")
        for path in [stored, written] {
            #expect(try FeatureChoice(.pipeline(path)).description == pipeline.description)
        }
        let more = try FeatureChoice(.pipeline(written), changes: ["lowHertz=50"], normalising: .sliding)
        var changed = pipeline
        changed.options.lowHertz = 50
        changed.steps.append(.slidingNormalisation(SlidingNormalisation()))
        #expect(more.description == changed.description)
    }

    @Test(arguments: [
        ("options: {melBin: 4}", "there is no field options.melBin in line 1; the nearest is melBins"),
        ("steps: [{stacking: {lef: 2}}]", "there is no field steps.stacking.lef in line 1; the nearest is left"),
        ("steps: [{stack: {left: 2}}]", "a step is one of deltas, normalisation, slidingNormalisation, stacking"),
        ("steps: [{stacking: {left: 1.5}}]", "stacking.left must be a whole number"),
        ("steps: [{deltas: {kind: x}}]", "must be one of kaldi, htk, librosa, not “x”"),
        ("steps: [{deltas: {order: 9}}]", "deltas.order"), ("steps: deltas", "steps must be a list"),
        ("[1]", "the file must be a section"),
        ("steps: [{normalisation: {mode: global, means: [1], deviations: [1]}}]", "80"), ("a: [", "not YAML"),
    ])
    func aWrongPipelineIsRefusedWithThePlace(yaml: String, problem: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(yaml, as: "p.yaml")
        let error = try #require(throws: StenoError.self) { try FeatureChoice(.pipeline(path)) }
        #expect(error.description.contains("p.yaml: ") && error.description.contains(problem), "\(error)")
    }

    @Test func pitchHasFieldsOfItsOwn() throws {
        let choice = try FeatureChoice(.standard, kind: .pitch, changes: ["lowHertz=40", "method=plain"])
        #expect(choice.description.contains("lowHertz: 40") && choice.description.contains("method: plain"))
        for (change, problem) in [
            ("lowHerz=40", "the nearest is lowHertz"), ("method=best", "probabilistic, plain"),
            ("lowHertz=low", "lowHertz must be a number"), ("lowHertz=900", "below highHertz"),
        ] {
            let error = try #require(throws: StenoError.self) {
                try FeatureChoice(.standard, kind: .pitch, changes: [change])
            }
            #expect(error.description.contains(problem), "\(error)")
        }
    }
}
