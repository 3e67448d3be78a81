import CSentencePiece
import Foundation

/// How texts are cut into the pieces of a SentencePiece model, and pieces become texts.
///
/// A space is written as U+2581 in pieces, and one stands before the text, so that a word is cut alike wherever it is.
/// Runs of spaces, no-break and thin spaces are characters as others are in models that ``SubwordOptions`` made with
/// NFC, and what is not in the vocabulary goes through as bytes: such texts come back as they were up to canonical
/// equivalence. (But for U+FFFF, which is no character: it takes the place of U+2581 in texts.)
///
/// Kudo, Richardson 2018, "SentencePiece: A simple and language independent subword tokenizer and detokenizer for neural
/// text processing".
package final class Subwords: Sendable {
    /// The model as SentencePiece serialises it.
    package let model: [UInt8]
    /// Whether texts are composed (NFC) before anything else.
    package let composes: Bool
    /// The name of the model in a file: by its bytes, so that two vocabularies of one model need it once.
    package let name: String
    package static let namePrefix = "subwords."
    /// All pieces but control symbols and the unknown one; ids here are places in this list.
    let pieces: [String]

    // Never changed once loaded.
    nonisolated(unsafe) private let handle: OpaquePointer
    /// Of SentencePiece's ids the place in `pieces`; nil for those that are not there.
    private let places: [Int?]
    private let spellings: [[UInt8]]
    private let hasBytes: Bool
    private let spaceIsBefore: Bool
    private let spaceIsAfter: Bool

    private static let space: Unicode.Scalar = "\u{2581}"
    /// What stands for U+2581 where a text has it.
    private static let substitute: Unicode.Scalar = "\u{FFFF}"

    package init(model: [UInt8], composes: Bool) throws(VocabularyError) {
        var loaded: OpaquePointer?
        if let complaint = sentence(steno_subwords_load(model, Int64(model.count), &loaded)) {
            throw .subwords(complaint)
        }
        guard let handle = loaded else { throw .subwords("SentencePiece gives no model") }
        var pieces: [String] = []
        var places: [Int?] = []
        var spellings: [[UInt8]] = []
        var hasBytes = false
        for id in 0..<steno_subwords_count(handle) {
            let kind = steno_subwords_kind(handle, id)
            guard kind == steno_piece_text || kind == steno_piece_byte else {
                places.append(nil)
                continue
            }
            var count: Int64 = 0
            let start = steno_subwords_piece(handle, id, &count)
            let bytes = UnsafeRawBufferPointer(start: start, count: Int(count))
            guard let piece = String(validating: bytes, as: UTF8.self) else {
                steno_subwords_close(handle)
                throw .subwords("piece \(id) is not UTF-8")
            }
            places.append(pieces.count)
            pieces.append(piece)
            if kind == steno_piece_byte, let byte = UInt8(piece.dropFirst(3).dropLast(), radix: 16) {
                hasBytes = true
                spellings.append([byte])
            } else {
                spellings.append(Array(piece.replacing(Self.space, by: " ").utf8))
            }
        }
        guard !pieces.isEmpty else {
            steno_subwords_close(handle)
            throw .subwords("it has no pieces")
        }
        (self.model, self.composes, self.handle) = (model, composes, handle)
        (self.pieces, self.places, self.spellings, self.hasBytes) = (pieces, places, spellings, hasBytes)
        let checksum = String(fingerprint(model), radix: 16)
        name = Self.namePrefix + String(repeating: "0", count: 16 - checksum.count) + checksum
        // SentencePiece does not tell; a text of one letter does.
        let probe = (try? Self.ids("a", handle)) ?? []
        let spelled = probe.map { places[Int($0)].map { pieces[$0] } ?? "" }.joined()
        spaceIsBefore = spelled.unicodeScalars.first == Self.space
        spaceIsAfter = spelled.unicodeScalars.last == Self.space && !spaceIsBefore
    }

    deinit { steno_subwords_close(handle) }

    /// The places of a text's pieces; nil for what is unknown.
    func encode(_ text: String) throws(VocabularyError) -> [Int?] {
        try Self.ids(prepared(text), handle).map { places[Int($0)] }
    }

    /// As the model gets to see a text.
    private func prepared(_ text: String) -> String {
        let text = composes ? text.composed : text
        return hasBytes ? text.replacing(Self.space, by: Self.substitute) : text
    }

    private static func ids(_ text: String, _ handle: OpaquePointer) throws(VocabularyError) -> [Int32] {
        var ids: UnsafeMutablePointer<Int32>?
        var count: Int64 = 0
        var text = text
        let complaint = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                // An empty string may have no address.
                guard let start = $0.baseAddress else { return steno_subwords_encode(handle, "", 0, &ids, &count) }
                return steno_subwords_encode(handle, start, Int64($0.count), &ids, &count)
            }
        }
        if let complaint = sentence(complaint) { throw .subwords(complaint) }
        defer { free(ids) }
        return Array(UnsafeBufferPointer(start: ids, count: Int(count)))
    }

    /// The text of pieces by their places; nil becomes U+FFFD.
    func decode(_ places: [Int?]) -> String {
        var bytes = places.flatMap { $0.map { spellings[$0] } ?? Array("\u{FFFD}".utf8) }
        let space = UInt8(ascii: " ")
        if spaceIsBefore, bytes.first == space { bytes.removeFirst() }
        if spaceIsAfter, bytes.last == space { bytes.removeLast() }
        let text = String(decoding: bytes, as: UTF8.self)
        return hasBytes ? text.replacing(Self.substitute, by: Self.space) : text
    }

    func spelling(_ place: Int) -> [UInt8] { spellings[place] }
}

extension Subwords: Equatable {
    package static func == (a: Subwords, b: Subwords) -> Bool {
        a === b || (a.composes == b.composes && a.model == b.model)
    }
}

extension Subwords {
    /// Learns a model from texts: the same one from the same texts in the same order.
    ///
    /// - Parameter size: most tokens of the vocabulary, special ones included.
    package convenience init(
        texts: [String], size: Int, options: SubwordOptions = SubwordOptions()
    ) throws(VocabularyError) {
        // More are thinned out evenly.
        let most = 2_000_000
        let stride = Double(max(texts.count, most)) / Double(most)
        let chosen = (0..<min(texts.count, most)).lazy.map { texts[Int(Double($0) * stride)] }
        let composes = options.rule == .nfc
        let source = TextSource(
            chosen.map {
                let text = composes ? $0.composed : $0
                return options.byteFallback ? text.replacing(Self.space, by: Self.substitute) : text
            })
        let arguments = options.arguments(size: size).sorted { $0.key < $1.key }
        var model: UnsafeMutablePointer<UInt8>?
        var count: Int64 = 0
        let complaint = withCStrings(arguments.map(\.key)) { names in
            withCStrings(arguments.map(\.value)) { values in
                steno_subwords_train(
                    names, values, Int64(arguments.count),
                    { context, count in
                        guard let context, let count else { return nil }
                        return Unmanaged<TextSource>.fromOpaque(context).takeUnretainedValue().next(&count.pointee)
                    }, Unmanaged.passUnretained(source).toOpaque(), &model, &count)
            }
        }
        defer { free(model) }
        if let complaint = sentence(complaint) {
            // As in “Vocabulary size is smaller than required_chars. 100 vs 343. Increase …”.
            let needed = complaint.contains("Vocabulary size") ? complaint.firstMatch(of: #/ vs (\d+)/#) : nil
            if let needed, let needed = Int(needed.1) { throw .tooSmall(size: size, needed: needed) }
            throw .subwords(source.hasText ? complaint : "there is no text to learn from")
        }
        try self.init(model: Array(UnsafeBufferPointer(start: model, count: Int(count))), composes: composes)
    }
}

/// Hands out texts one by one to C.
private final class TextSource {
    private let advance: () -> String?
    private var current = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 0)
    private(set) var hasText = false

    init(_ texts: some Sequence<String>) {
        var iterator = texts.makeIterator()
        advance = { iterator.next() }
    }

    deinit { current.deallocate() }

    /// Stays in place until the next call.
    func next(_ count: inout Int64) -> UnsafePointer<CChar>? {
        guard let text = advance() else { return nil }
        let bytes = text.utf8
        current.deallocate()
        current = .allocate(capacity: bytes.count + 1)
        _ = current.initialize(from: bytes.lazy.map { CChar(bitPattern: $0) })
        count = Int64(bytes.count)
        if !bytes.isEmpty { hasText = true }
        return UnsafePointer(current.baseAddress)
    }
}

/// Calls a body with strings as C has them.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return copies.map { UnsafePointer($0) }.withUnsafeBufferPointer { body($0.baseAddress) }
}

/// What C says is wrong, or nil.
private func sentence(_ complaint: UnsafeMutablePointer<CChar>?) -> String? {
    defer { free(complaint) }
    return complaint.map { String(cString: $0) }
}

/// FNV-1a (Fowler, Noll, Vo) of 64 bits: tells damage, not malice.
private func fingerprint(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

extension String {
    fileprivate func replacing(_ old: Unicode.Scalar, by new: Unicode.Scalar) -> String {
        guard unicodeScalars.contains(old) else { return self }
        var result = UnicodeScalarView()
        result.append(contentsOf: unicodeScalars.lazy.map { $0 == old ? new : $0 })
        return String(result)
    }
}
