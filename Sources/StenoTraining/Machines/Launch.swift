import Foundation

/// How this process was started.
package enum Launch {
    /// The processes that `mpirun`, or another launcher of MPI processes, started together with this one; a single one if
    /// none did.
    package static func communicator() throws(CommunicationError) -> any Communicator {
        let environment = ProcessInfo.processInfo.environment
        #if MPI
        // Starting MPI without a launcher takes time and starts another process, for nothing.
        if !signs.contains(where: { environment[$0] != nil }) { return SingleProcess() }
        return try MPICommunicator()
        #else
        for sign in signs {
            if let value = environment[sign], let processes = Int(value), processes > 1 {
                throw .notBuilt(processes: processes)
            }
        }
        return SingleProcess()
        #endif
    }

    /// Variables in which launchers say how many processes they started: Open MPI's and MPICH's.
    private static let signs = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"]
}
