import CSoundFile

/// Writes interleaved samples with libsndfile; false where the library does not have the format.
func writeSound(
    _ samples: [Float], to path: String, format: Int, sampleRate: Int = 16_000, channels: Int = 1
) -> Bool {
    var information = SF_INFO()
    information.samplerate = CInt(sampleRate)
    information.channels = CInt(channels)
    information.format = CInt(format)
    guard sf_format_check(&information) != 0, let file = sf_open(path, CInt(SFM_WRITE), &information) else {
        return false
    }
    defer { sf_close(file) }
    return sf_write_float(file, samples, sf_count_t(samples.count)) == sf_count_t(samples.count)
}
