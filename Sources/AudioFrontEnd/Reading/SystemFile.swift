import Glibc

/// What the system does in parts, done as a whole.
package enum SystemFile {
    /// A new file in a folder that has no name and is gone when it is closed, however the program ends; below 0, with
    /// `errno`, when it cannot be made.
    package static func nameless(in folder: String) -> CInt {
        var name = Array("\(folder)/steno-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else { return file }
        unlink(name)
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        return file
    }

    /// Writes all bytes; gives 0, or the error's number.
    package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> CInt {
        var done = 0
        while done < bytes.count {
            let some = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if some >= 0 { done += some } else if errno != EINTR { return errno }
        }
        return 0
    }
}
