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

    @Test func `a key grants only what it holds, and only when it may grant`() {
        let key = Self.key([.keysManage, .leadsRead])
        #expect(key.mayGrant([.leadsRead], instanceIDs: nil))
        #expect(!key.mayGrant([.leadsRead, .leadsWrite], instanceIDs: nil))
        #expect(!Self.key([.leadsRead]).mayGrant([.leadsRead], instanceIDs: nil))
        let bound = Self.key([.keysManage], instances: [1, 2])
        #expect(bound.mayGrant([], instanceIDs: [1]))
        #expect(!bound.mayGrant([], instanceIDs: [1, 3]))
        #expect(!bound.mayGrant([], instanceIDs: nil))
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
