import Testing

@testable import Domain

@Suite struct AccessTests {
    @Test(arguments: [
        "STOP", "stop", "Stop!", " parar ", "PARAR.", "Sair…", "sáir", "PA\u{301}RAR", "Parar!!!", "\nSTOP\n",
        "sair ?!",
    ])
    func `a stop word alone stops`(message: String) {
        #expect(StopWords.contains(message))
    }

    @Test(arguments: [
        "", " ", "!", "não parar", "stop it", "parar de enviar", "stopp", "para", "s a i r", "STOP 1", "sair-se",
        "!stop", String(repeating: " ", count: 100) + "stop",
    ])
    func `a stop word among others does not`(message: String) {
        #expect(!StopWords.contains(message))
    }

    private static func key(
        _ permissions: Set<Permission>, instances: Set<Instance.ID>? = nil, expiresAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil
    ) -> APIKey {
        APIKey(
            id: 1, accountID: 1, name: "k", prefix: "crm_ab12", permissions: permissions, instanceIDs: instances,
            ratePerMinute: 60, expiresAt: expiresAt, revokedAt: revokedAt, createdAt: Timestamp(seconds: 0))
    }

    private static func grant(
        _ permissions: Set<Permission>, instances: Set<Instance.ID>? = nil, expiresAt: Timestamp? = nil
    ) -> KeyGrant {
        KeyGrant(permissions: permissions, instanceIDs: instances, expiresAt: expiresAt)
    }

    @Test func `a key grants only what it holds`() {
        let key = Self.key([.keysManage, .leadsRead])
        #expect(key.excess(of: Self.grant([.leadsRead])) == [])
        #expect(key.excess(of: key.grant) == [])
        #expect(
            key.excess(of: Self.grant([.auditRead, .leadsRead, .leadsWrite]))
                == [.permission(.leadsWrite), .permission(.auditRead)])
    }

    @Test func `a bound key grants the sight of its own instances only`() {
        let bound = Self.key([.keysManage], instances: [1, 2])
        #expect(bound.excess(of: Self.grant([], instances: [1])) == [])
        #expect(bound.excess(of: Self.grant([], instances: [])) == [])
        #expect(bound.excess(of: Self.grant([], instances: [1, 4, 3])) == [.instance(3), .instance(4)])
        #expect(bound.excess(of: Self.grant([])) == [.everyInstance])
        #expect(Self.key([]).excess(of: Self.grant([], instances: [9])) == [])
    }

    @Test func `a key that ends grants nothing that outlives it`() {
        let end = Timestamp(seconds: 100)
        let ending = Self.key([], expiresAt: end)
        #expect(ending.excess(of: Self.grant([], expiresAt: end)) == [])
        #expect(ending.excess(of: Self.grant([], expiresAt: Timestamp(seconds: 101))) == [.expiry])
        #expect(ending.excess(of: Self.grant([])) == [.expiry])
    }

    @Test func `a key ends at the instant that it names`() {
        let end = Timestamp(seconds: 100)
        let before = Timestamp(microseconds: 99_999_999)
        for key in [Self.key([], expiresAt: end), Self.key([], revokedAt: end)] {
            #expect(key.isValid(at: before))
            #expect(!key.isValid(at: end))
        }
    }
}
