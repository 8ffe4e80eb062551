import Telemetry
import Testing

@Suite("Redaction") struct RedactorTests {
    @Test(arguments: [
        ("+5511987654321", "+***"), ("5511987654321", "+***"), ("98765432", "+***"),
        ("call +55 (11) 98765-4321 now", "call +*** now"), ("(11) 98765-4321", "(+***"), ("+55 11 9.8765.4321", "+***"),
        ("5511987654321@c.us", "+***@c.us"), ("tel:+5511987654321,", "tel:+***,"),
        ("phone=5511987654321&x", "phone=+***&x"),
        ("phone=%2B5511987654321", "phone=%2B+***"), ("wa5511987654321", "wa+***"), ("5511987654321ext", "+***ext"),
        ("a +5511987654321 b 5521912345678 c", "a +*** b +*** c"), ("olá 5511987654321 é", "olá +*** é"),
        ("\"5511987654321\"", "\"+***\""), ("2026-01-02-1234", "+***"), ("2026-13-45", "+***"),
        ("1190.12.34.5678", "+***"), ("55.11.98.76-54321", "+***"), ("55.11.98.76 54321", "+***"),
    ])
    func `a phone number is masked`(_ text: String, _ expected: String) {
        #expect(Redactor.redact(text) == expected)
    }

    @Test(arguments: [
        ("crm_AbC123xyz_9", "crm_***"), ("key crm_abc, next", "key crm_***, next"),
        ("Authorization: Bearer eyJh.eyJz.SflK-xw_", "Authorization: Bearer ***"), ("bearer abc", "bearer ***"),
        ("Bearer crm_5511987654321", "Bearer ***"), ("whsec_MfKQ9r8GKYqrTwjU+/==", "whsec_***"),
        ("a=crm_1&b=whsec_2", "a=crm_***&b=whsec_***"), ("?access_token=EAAGb0&x=1", "?access_token=***&x=1"),
        ("password=hunter2 host=x", "password=*** host=x"), ("CRM_ABC", "CRM_***"),
    ])
    func `a secret is masked`(_ text: String, _ expected: String) {
        #expect(Redactor.redact(text) == expected)
    }

    @Test(arguments: [
        "", "plain words", "1234567", "port 8080 of 65535", "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05+00:00",
        "at 2026-01-02 03:04:05.678901+02:00 it was", "born 1999-12-31, gone", "from 2026-01-02 to 2026-02-03",
        "550e8400-e29b-41d4-a716-446655440000", "12345678-1234-1234-1234-123456789012", "192.168.100.200:5432",
        "10.0.0.1 and 127.0.0.1", "4bf92f3577b34da6a3ce929d0e0e4736", "1234567890abcdef1234567890abcdef",
        "req_01HZX3Y4Z5", "wamid.HBgMNTUxMQ==", "GET /api/v1/leads/1234567", "6.3.1-dev", "crm_", "the bearer",
        "12 leads",
        "99.9 % of 1000 in 12 ms",
    ])
    func `what is neither stays as it is`(_ text: String) {
        #expect(Redactor.redact(text) == text)
    }
}
