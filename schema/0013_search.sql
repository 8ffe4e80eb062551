-- What longer texts are looked for by. The index of trigrams knows pieces of three, which many leads share as soon as
-- there are many: "345" stands in every hundredth phone. A piece of six is nearly alone, so that a search costs as much
-- as it finds. What is shorter than eight characters is still looked for by trigrams.
--
-- Of a text the pieces at every third place are kept, and what is too short at its end besides, which nothing asks for:
-- those at 0, 6, 12, … and those at 3, 9, 15, …. Whatever is looked for then covers two of them, at one of three shifts.

CREATE INDEX leads_name_pieces ON leads USING gin (
    account_id, (
        string_to_array(regexp_replace(lower(name), '(.{6})', '\1' || chr(1), 'g'), chr(1))
        || string_to_array(regexp_replace(substr(lower(name), 4), '(.{6})', '\1' || chr(1), 'g'), chr(1)))
) WITH (fastupdate = off);

CREATE INDEX contacts_email_pieces ON contacts USING gin (
    account_id, (
        string_to_array(regexp_replace(lower(email), '(.{6})', '\1' || chr(1), 'g'), chr(1))
        || string_to_array(regexp_replace(substr(lower(email), 4), '(.{6})', '\1' || chr(1), 'g'), chr(1)))
) WITH (fastupdate = off);

CREATE INDEX contacts_phone_pieces ON contacts USING gin (
    account_id, (
        string_to_array(regexp_replace(lower(phone), '(.{6})', '\1' || chr(1), 'g'), chr(1))
        || string_to_array(regexp_replace(substr(lower(phone), 4), '(.{6})', '\1' || chr(1), 'g'), chr(1)))
) WITH (fastupdate = off);
