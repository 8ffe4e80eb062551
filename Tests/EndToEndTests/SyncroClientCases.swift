import HTTP
import JSON

/// What a client of Syncro's documented API asks, and what it reads in the answer.
enum SyncroClientCases {
    struct Case: Sendable {
        let title: String
        let method: HTTPMethod
        /// Behind `/api/v1`.
        let path: String
        let body: JSONValue?
        let status: Int
        let shape: AnswerShape

        init(_ title: String, _ method: HTTPMethod, _ path: String, status: Int = 200, _ shape: JSONValue) {
            self.init(title, method, path, nil, status: status, shape)
        }

        init(
            _ title: String, _ method: HTTPMethod, _ path: String, _ body: JSONValue?, status: Int = 200,
            _ shape: JSONValue
        ) {
            self.title = title
            self.method = method
            self.path = path
            self.body = body
            self.status = status
            self.shape = AnswerShape(shape)
        }
    }

    private static func page(_ element: JSONValue) -> JSONValue {
        ["success": true, "data": [element], "meta": meta]
    }

    static let meta: JSONValue = [
        "total": "int", "per_page": "int", "current_page": "int", "last_page": "int", "has_more": "bool",
    ]

    /// § 1.4: the base format, to which lists and single answers keep.
    static let lead: JSONValue = [
        "id": "int", "name": "text", "phone": "phone?", "email": "text?", "company": "text?", "birthday": "date?",
        "value": "number?", "source": "text?", "tags": "list", "pipeline_id": "int", "stage_id": "int",
        "notes": "text?",
        "utm_source": "text?", "utm_medium": "text?", "utm_campaign": "text?", "utm_term": "text?",
        "utm_content": "text?", "stage": ["id": "int", "name": "text"], "pipeline": ["id": "int", "name": "text"],
        "created_at": "instant", "custom_fields": "object",
    ]

    /// § 1.9.
    static let task: JSONValue = [
        "id": "int", "subject": "text", "description": "text?", "type": "text", "status": "text", "priority": "text",
        "due_date": "date", "due_time": "time?", "completed_at": "instant?", "lead_id": "int?", "lead": "object?",
        "assigned_to": "int?", "assigned_user": "object?", "notes": "text?", "is_overdue": "bool",
        "created_at": "instant", "updated_at": "instant",
    ]

    private static let instance: JSONValue = [
        "id": "int", "provider": "text", "display_name": "text", "phone_number": "phone", "is_primary": "bool",
        "status": "=connected", "supports_templates": "bool", "supports_buttons": "bool",
        "has_window_restriction": "bool",
    ]

    private static let template: JSONValue = [
        "id": "int", "name": "text", "language": "text", "category": "text", "status": "=APPROVED",
        "whatsapp_instance_id": "int", "variables": "list", "components": [["type": "text"]],
        "quality_rating": "text?",
    ]

    private static let field: JSONValue = [
        "id": "int", "name": "text", "label": "text", "field_type": "text", "options": "list", "is_required": "bool",
        "is_active": "bool", "show_on_card": "bool", "sort_order": "int",
    ]

    /// Of the account that `SyncroClientTests` prepares: lead 1 is open, in stage 1, with every field of its own.
    static let reads: [Case] = [
        Case("the leads", .get, "/leads", page(lead)),
        Case(
            "the leads by every filter", .get,
            "/leads?pipeline_id=1&stage_id=1&assigned_to=1&source=site&status=open&tags[]=vip&tags[]=novo&q=ana"
                + "&updated_since=2020-01-01T00:00:00Z&created_from=2020-01-01&created_to=2099-12-31&page=1&per_page=200",
            [
                "success": true, "data": [lead],
                "meta": ["total": 1, "per_page": 200, "current_page": 1, "last_page": 1, "has_more": false],
            ]),
        Case(
            "the leads with their owners", .get, "/leads?include=owner&assigned_to=1",
            page([
                "id": "int", "assigned_to": "int", "owner": ["id": "int", "name": "text", "email": "text"],
                "tags": "list",
            ])),
        Case("a page beyond the greatest length", .get, "/leads?per_page=201", status: 422, invalid("per_page")),
        Case("a lead", .get, "/leads/1", ["success": true, "data": lead]),
        Case(
            "the pipelines", .get, "/pipelines",
            [
                "success": true,
                "pipelines": [
                    [
                        "id": "int", "name": "text",
                        "stages": [
                            ["id": "int", "name": "text", "color": "colour", "is_won": "bool", "is_lost": "bool"]
                        ],
                    ]
                ],
                "lost_reasons": [["id": "int", "name": "text"]],
            ]),
        Case("the custom fields", .get, "/custom-fields", ["success": true, "data": [field]]),
        Case("the active custom fields", .get, "/custom-fields?active_only=true", ["success": true, "data": [field]]),
        Case("the same, as 1", .get, "/custom-fields?active_only=1", ["success": true, "data": [field]]),
        Case("the tasks", .get, "/tasks", page(task)),
        Case(
            "the tasks by every filter", .get,
            "/tasks?lead_id=1&assigned_to=1&status=pending&type=call&priority=high&due_from=2030-01-01"
                + "&due_to=2030-12-31&page=1&per_page=200",
            page([
                "id": "int", "lead": ["id": "int", "name": "text", "phone": "phone", "email": "text"],
                "assigned_user": ["id": "int", "name": "text"], "due_time": "=14:30",
            ])),
        Case(
            "the account", .get, "/account",
            ["success": true, "account": ["id": "int", "name": "text", "plan": "text"]]),
        Case(
            "the users", .get, "/users",
            ["success": true, "data": [["id": "int", "name": "text", "email": "text", "role": "text"]]]),
        Case("the numbers", .get, "/whatsapp/instances", ["success": true, "data": [instance]]),
        Case(
            "the templates", .get, "/whatsapp/templates?instance_id=2&status=APPROVED&language=pt_BR",
            ["success": true, "data": [template]]),
    ]

    static let writes: [Case] = [
        Case(
            "a lead with all that it can have", .post, "/leads",
            [
                "name": "João Silva", "pipeline_id": 1, "stage_id": 1, "phone": "+5511999990000",
                "email": "joao@example.com", "value": .decimal("5000.0"), "source": "site", "notes": "n",
                "tags": ["vip"],
                "utm_source": "google", "utm_medium": "cpc", "utm_campaign": "c", "utm_term": "t", "utm_content": "x",
                "company": "Silva", "birthday": "1990-05-01",
                "custom_fields": [
                    "orcamento": .decimal("1500.5"), "visita": "2030-01-31", "aceita": true, "planos": ["A", "B"],
                    "cargo": "CEO",
                ],
            ], status: 201,
            [
                "success": true,
                "data": [
                    "id": "int", "name": "=João Silva", "phone": "=+5511999990000", "value": 5000,
                    "birthday": "=1990-05-01", "created_at": "instant",
                    "custom_fields": [
                        "orcamento": .decimal("1500.5"), "visita": "=2030-01-31", "aceita": true, "planos": ["text"],
                        "cargo": "=CEO",
                    ],
                ],
            ]),
        Case(
            "a lead with a national number", .post, "/leads", ["name": "A", "phone": "(11) 98888-7777"], status: 201,
            ["success": true, "data": ["phone": "=+5511988887777"]]),
        Case("a lead without a name", .post, "/leads", ["phone": "+5511999990001"], status: 422, invalid("name")),
        Case(
            "a value of another type", .post, "/leads", ["name": "A", "custom_fields": ["orcamento": "muito"]],
            status: 422, ["message": "text", "errors": ["custom_fields.orcamento": ["text"]]]),
        Case(
            "a lead kept in step", .post, "/leads/upsert",
            ["name": "João Silva", "phone": "+5511999990000", "custom_fields": ["cargo": "CTO"]],
            ["success": true, "data": ["id": "int", "custom_fields": ["cargo": "=CTO", "aceita": true]]]),
        Case(
            "a lead with open mandatory tasks", .put, "/leads/2/stage", ["stage_id": 2, "pipeline_id": 1], status: 422,
            [
                "success": false, "blocked": true, "message": "text",
                "pending_tasks": [["id": "int", "subject": "=Obrigatória", "type": "=call"]],
            ]),
        Case(
            "a lead into another stage", .put, "/leads/3/stage", ["stage_id": 2, "pipeline_id": 1],
            ["success": true, "data": ["id": 3, "stage_id": 2, "stage": ["id": 2, "name": "text"]]]),
        Case(
            "a lead that is won", .put, "/leads/3/won", ["stage_id": 4, "value": 7000],
            ["success": true, "data": ["id": 3, "stage_id": 4, "value": 7000]]),
        Case(
            "a lead that is lost", .put, "/leads/4/lost", ["stage_id": 5, "reason_id": 1],
            ["success": true, "data": ["id": 4, "stage_id": 5]]),
        Case("a lead that goes", .delete, "/leads/5", ["success": true]),
        Case(
            "a task with all that it can have", .post, "/tasks",
            [
                "subject": "Ligar", "type": "meeting", "due_date": "2030-06-01", "description": "d", "priority": "low",
                "due_time": "09:05", "lead_id": 1, "assigned_to": 1, "notes": "n",
            ], status: 201,
            ["success": true, "data": task]),
        Case(
            "a task without its day", .post, "/tasks", ["subject": "Ligar", "type": "fax"], status: 422,
            ["message": "text", "errors": ["due_date": ["text"], "type": ["text"]]]),
        Case(
            "a template by its id", .post, "/leads/1/send-whatsapp-template",
            ["template_id": 1, "variables": ["Ana", "proposta", "10/07"], "instance_id": 2], status: 201,
            ["success": true, "data": "object"]),
        Case(
            "a text while the window is closed", .post, "/leads/1/send-whatsapp",
            ["message": "Oi", "instance_id": 2], status: 422,
            ["success": false, "message": "text", "skip_reason": "=window_closed"]),
        Case(
            "a text where there is no window", .post, "/leads/1/send-whatsapp", ["message": "Oi", "instance_id": 1],
            status: 201, ["success": true, "data": "object"]),
        Case(
            "a number that the provider refuses", .post, "/leads/6/send-whatsapp-template",
            ["template_id": 1, "variables": ["Ana", "proposta", "10/07"], "instance_id": 2], status: 502,
            ["success": false, "message": "text"]),
    ]

    /// § 1.15: a fault of a field.
    private static func invalid(_ field: String) -> JSONValue {
        ["message": "text", "errors": .object(JSONObject([(field, ["text"])]))]
    }
}
