import Glibc

/// How many files and sockets this process may have open at once.
package enum DescriptorLimit {
    /// Takes all that the system allows it (`RLIMIT_NOFILE`, setrlimit(2)): shells and init systems start with 1,024
    /// for the sake of programs that use select(2).
    /// - Returns: what there is now.
    @discardableResult
    package static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 0 }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            guard setrlimit(resource, &limit) == 0 else { return Int(clamping: limit.rlim_cur) }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
