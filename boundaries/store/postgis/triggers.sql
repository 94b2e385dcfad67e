-- Functions of the triggers by which a PostGIS store keeps its history when others edit it.
-- boundaries/store/postgis/triggers.py fills in the words in braces and makes the triggers.

CREATE OR REPLACE FUNCTION lifecircle_next(code text, last bigint, what text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
-- The revision that this transaction makes of a district; its row in the log is there by then.
DECLARE
  variable text := 'lifecircle.r' || encode(convert_to(code, 'UTF8'), 'hex');
  made bigint := nullif(current_setting(variable, true), '');
BEGIN
  IF made IS NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(code, 0));
    SELECT greatest(lifecircle_next.last, max(revision)) + 1 INTO made
      FROM (SELECT revision FROM changes c WHERE c.district = code
            UNION ALL SELECT revision FROM districts d WHERE d.code = lifecircle_next.code) known;
    INSERT INTO changes (district, revision, at, valid_from, actor, what, "foreign")
      VALUES (code, made, to_char(now() AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
              (now() AT TIME ZONE 'utc')::date, session_user, what, true);
    PERFORM set_config(variable, made::text, true);
  END IF;
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION lifecircle_revision(code text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
-- The same, and the district bears it; null where there is no such district (any more).
DECLARE
  made bigint;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM districts d WHERE d.code = lifecircle_revision.code) THEN
    RETURN NULL;
  END IF;
  made := lifecircle_next(code, 0, '{edited}');
  PERFORM set_config('lifecircle.own', 'yes', true);
  UPDATE districts d SET revision = made
    WHERE d.code = lifecircle_revision.code AND d.revision < made;
  PERFORM set_config('lifecircle.own', '', true);
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION lifecircle_begin() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  NEW.since := coalesce(lifecircle_revision(NEW.district), 0);
  NEW.valid_from := (now() AT TIME ZONE 'utc')::date;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION lifecircle_demand_point() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.lon := NULL;
  NEW.lat := NULL;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION lifecircle_differing(a jsonb, b jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
-- The values of a that b has not.
SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(a)
WHERE b IS NULL OR b -> key IS DISTINCT FROM value
$$;

CREATE OR REPLACE FUNCTION lifecircle_merged(a jsonb, b jsonb, layer text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
-- The values told of some features of a layer; where both tell one, those of b.
SELECT CASE WHEN coalesce(b, '{}') = '{}' THEN a ELSE a || jsonb_build_object(layer,
  (SELECT jsonb_object_agg(key, coalesce(x.value, '{}') || coalesce(y.value, '{}'))
   FROM jsonb_each(coalesce(a -> layer, '{}')) x FULL JOIN jsonb_each(b) y USING (key))) END
$$;

CREATE OR REPLACE FUNCTION lifecircle_log(
  code text, made bigint, layer text, numbers jsonb, was jsonb, became jsonb
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
-- Add to what the log tells of this transaction: numbers, and values while they are few.
DECLARE
  told jsonb;
  few boolean;
BEGIN
  SELECT counts::jsonb || jsonb_build_object(layer, (
      SELECT jsonb_object_agg(key, value::bigint
        + coalesce((counts::jsonb -> layer ->> key)::bigint, 0)) FROM jsonb_each_text(numbers)))
    INTO told FROM changes c WHERE c.district = code AND c.revision = made;
  SELECT sum(n.value::bigint) <= {most_named} INTO few
    FROM jsonb_each(told) l, jsonb_each_text(l.value) n;
  UPDATE changes c SET counts = told::text,
    before = CASE WHEN few THEN lifecircle_merged(was_all, c.before::jsonb -> layer, layer)::text
             ELSE '{}' END,
    after = CASE WHEN few THEN lifecircle_merged(c.after::jsonb, became, layer)::text
            ELSE '{}' END
    FROM (SELECT CASE WHEN coalesce(was, '{}') = '{}' THEN k.before::jsonb
                 ELSE k.before::jsonb || jsonb_build_object(layer, was) END AS was_all
          FROM changes k WHERE k.district = code AND k.revision = made) w
    WHERE c.district = code AND c.revision = made;
END $$;

CREATE OR REPLACE FUNCTION lifecircle_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
-- After a statement: keep the rows that ended, and tell the log. Arguments: the key, the columns
-- that the past has too, and the expression of a shape as text.
DECLARE
  none text := format('(SELECT * FROM %I WHERE false)', TG_TABLE_NAME);
  old_rows text := CASE TG_OP WHEN 'INSERT' THEN none ELSE 'old_rows' END;
  new_rows text := CASE TG_OP WHEN 'DELETE' THEN none ELSE 'new_rows' END;
  pairs text := format('%1$s o FULL JOIN %2$s n ON o.fid = n.fid AND o.district = n.district '
    'AND o.%3$I = n.%3$I WHERE o IS DISTINCT FROM n', old_rows, new_rows, TG_ARGV[0]);
  values_of text := 'to_jsonb(%1$s) - ''{fid,district,since,valid_from,geom}''::text[] || '
    || TG_ARGV[2];
  one record;
  told record;
  made bigint;
BEGIN
  FOR one IN EXECUTE format('SELECT coalesce(o.district, n.district) AS district, '
      'count(*) FILTER (WHERE o.fid IS NULL) AS added, '
      'count(*) FILTER (WHERE o.fid = n.fid) AS changed, '
      'count(*) FILTER (WHERE n.fid IS NULL) AS removed FROM %s GROUP BY 1', pairs)
  LOOP
    made := lifecircle_revision(one.district);
    CONTINUE WHEN made IS NULL;
    EXECUTE format('INSERT INTO %1$I (%2$s, until, valid_to) SELECT o.%3$s, $1, $3 '
        'FROM %4$s AND o.district = $2 AND o.since < $1 ORDER BY o.fid',
        'past_' || TG_TABLE_NAME, TG_ARGV[1], replace(TG_ARGV[1], ', ', ', o.'), pairs)
      USING made, one.district, (now() AT TIME ZONE 'utc')::date;
    IF one.added + one.changed + one.removed <= {most_named} THEN
      EXECUTE format('WITH told AS (SELECT coalesce(o.%1$I, n.%1$I)::text AS key, '
          'CASE WHEN o.fid IS NOT NULL THEN %2$s END AS was, '
          'CASE WHEN n.fid IS NOT NULL THEN %3$s END AS became '
          'FROM %4$s AND coalesce(o.district, n.district) = $1) '
          'SELECT jsonb_object_agg(key, lifecircle_differing(was, became)) '
          'FILTER (WHERE was IS NOT NULL) AS was, '
          'jsonb_object_agg(key, lifecircle_differing(became, was)) '
          'FILTER (WHERE became IS NOT NULL) AS became FROM told',
          TG_ARGV[0], format(values_of, 'o'), format(values_of, 'n'), pairs)
        INTO told USING one.district;
    ELSE
      SELECT NULL::jsonb AS was, NULL::jsonb AS became INTO told;
    END IF;
    PERFORM lifecircle_log(one.district, made, TG_TABLE_NAME, jsonb_build_object('added',
      one.added, 'changed', one.changed, 'removed', one.removed), told.was, told.became);
  END LOOP;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION lifecircle_district() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  made bigint;
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM lifecircle_next(OLD.code, OLD.revision, 'deleted in another program');
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NEW.code <> OLD.code THEN
      RAISE 'the code of a district cannot be changed; load it under the new code';
    END IF;
    NEW.revision := OLD.revision;
    NEW.since := OLD.since;
    NEW.valid_from := OLD.valid_from;
    IF NEW IS NOT DISTINCT FROM OLD THEN
      RETURN NEW;
    END IF;
  END IF;
  made := lifecircle_next(NEW.code, 0, '{edited}');
  IF TG_OP = 'UPDATE' AND OLD.since < made THEN
    INSERT INTO past_districts (district, {columns}, until, valid_to)
      VALUES (OLD.code, {old_columns}, made, (now() AT TIME ZONE 'utc')::date);
  END IF;
  NEW.revision := made;
  NEW.since := made;
  NEW.valid_from := (now() AT TIME ZONE 'utc')::date;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION lifecircle_truncate() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE 'TRUNCATE would lose history; use DELETE';
END $$;
