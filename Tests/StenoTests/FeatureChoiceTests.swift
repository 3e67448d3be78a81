import Steno
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
}
