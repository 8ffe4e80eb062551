import Domain
import Storage

extension Problem {
    /// 403 with everything that is more than the calling key holds.
    ///
    /// - Parameter body: the lists as the caller wrote them, for the places of what is told.
    static func refuse(
        _ excess: [KeyGrant.Excess], permissions: [Permission] = [], instances: [Instance.ID] = []
    ) throws {
        guard !excess.isEmpty else { return }
        var problem = Problem(.grantExceeded)
        problem.details = excess.map { one in
            switch one {
            case .permission(let permission):
                .init(
                    place("/permissions", permissions.firstIndex(of: permission)), "not_held", Faults.notHeld,
                    ["value": permission.rawValue])
            case .instance(let id):
                .init(
                    place("/instance_ids", instances.firstIndex(of: id)), "not_held", Faults.notHeld,
                    ["value": id.description])
            case .everyInstance: .init("/instance_ids", "not_held", Faults.boundKey)
            case .expiry: .init("/expires_at", "not_held", Faults.outlives)
            }
        }
        throw problem
    }

    private static func place(_ list: String, _ index: Int?) -> String { index.map { "\(list)/\($0)" } ?? list }
}
