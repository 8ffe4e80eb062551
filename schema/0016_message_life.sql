-- What may still become of a message after its first attempt.

-- The template to send in place of a free-form message whose window closes before it leaves, as it was asked for:
-- {"i": template id} or {"n": name, "l": language}, "v": variables, "i" under "h": the header's file, "g": its place.
-- It goes when it has been used.
ALTER TABLE messages ADD COLUMN fallback jsonb;

-- Attempts up to this number were over when the message was last retried. What is still heard of them changes nothing,
-- unless it proves that the contact has the message.
ALTER TABLE messages ADD COLUMN earlier_attempts integer NOT NULL DEFAULT 0;
