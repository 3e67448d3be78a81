import AudioFrontEnd
import Foundation
import Steno
import StenoTestSupport
import StenoTraining
import Testing

@Suite("Pictures of features")
struct FeaturePictureTests {
    private func image(_ levels: [Float], silence: Float) -> PNGImage {
        var picture = FeaturePicture(.spectrum(hertz: 100), count: 1, secondsPerFrame: 0.01, silence: silence)
        picture.add(Features(frames: levels.count, bins: 1, values: levels))
        return picture.image()
    }

    private func shades(_ shades: [UInt8]) -> PNGImage {
        PNGImage(width: shades.count, height: 1, pixels: shades, palette: ColourMap.magma.palette(count: 128))
    }

    @Test func silenceIsDark() {
        #expect(image([-69, -69, -69], silence: -69) == shades([0, 0, 0]))
        #expect(image([-69, -20], silence: -69) == shades([0, 127]), "however near the loudest is")
    }

    @Test func loudnessIsBright() {
        #expect(image([-200, -100, -60, -20], silence: -300) == shades([0, 0, 64, 127]))
    }

    @Test(arguments: [1, 333, 400, 2000], ["svg", "SVG", "png"])
    func pitchOfTheShortestRecordingIsDrawn(samples: Int, type: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(WaveBytes(floats: [Float](repeating: 0.1, count: samples)).file, as: "a.wav")
        let choice = try FeatureChoice(.standard, kind: .pitch)
        let picture = folder.path("a.\(type)")
        #expect(try choice.draw(Recording(path: path), to: picture, title: "a").isEmpty)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: picture))
        #expect(bytes.starts(with: type == "png" ? [0x89, 0x50, 0x4E, 0x47] : Array("<?xml".utf8)))
    }
}
