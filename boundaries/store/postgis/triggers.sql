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
      VALUES (code, made, greatest(  -- never before the last: a clock may have been set back
                to_char(now() AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
                (SELECT c.at FROM changes c WHERE c.district = lifecircle_next.code
                   ORDER BY c.revision DESC LIMIT 1)),
              {today}, session_user, what, true);
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
  NEW.valid_from := {today};
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
-- that the past has too, and the expression of a row's values as JSON, which knows no curves.
DECLARE
  none text := format('(SELECT * FROM %I WHERE false)', TG_TABLE_NAME);
  old_rows text := CASE TG_OP WHEN 'INSERT' THEN none ELSE 'old_rows' END;
  new_rows text := CASE TG_OP WHEN 'DELETE' THEN none ELSE 'new_rows' END;
  pairs text := format('%1$s o FULL JOIN %2$s n ON o.fid = n.fid AND o.district = n.district '
    'AND o.%3$I = n.%3$I WHERE o IS DISTINCT FROM n', old_rows, new_rows, TG_ARGV[0]);
  values_of text := TG_ARGV[2];
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
      USING made, one.district, {today};
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
    PERFORM lifecircle_next(OLD.code, OLD.revision, '{deleted}');
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NEW.code <> OLD.code THEN
      RAISE {keeps_code};
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
      VALUES (OLD.code, {old_columns}, made, {today});
  END IF;
  NEW.revision := made;
  NEW.since := made;
  NEW.valid_from := {today};
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION lifecircle_truncate() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE {truncate};
END $$;

CREATE OR REPLACE FUNCTION lifecircle_shape() RETURNS trigger
LANGUAGE plpgsql AS $$
-- Bring a shape to what its column holds, or refuse it. Arguments: the key, the kinds, whether
-- single polygons become collections of one, what was wanted. A curve becomes straight lines that
-- leave it by less than 1e-7 degrees, about 1 cm.
DECLARE
  key text;
  shape geometry := NEW.geom;
BEGIN
  EXECUTE format('SELECT ($1).%I::text', TG_ARGV[0]) INTO key USING NEW;
  IF ST_HasArc(shape) THEN
    shape := ST_CurveToLine(shape, 1e-7, 1, 1);
  END IF;
  IF GeometryType(shape) = 'GEOMETRYCOLLECTION' THEN
    shape := ST_CollectionHomogenize(shape);
  END IF;
  IF TG_ARGV[2] = 'yes' AND GeometryType(shape) = 'POLYGON' THEN
    shape := ST_Multi(shape);
  END IF;
  IF shape IS NULL OR ST_IsEmpty(shape)
      OR GeometryType(shape) <> ALL (string_to_array(TG_ARGV[1], ','))
      OR ST_XMin(shape) < -180 OR ST_XMax(shape) > 180
      OR ST_YMin(shape) < -90 OR ST_YMax(shape) > 90 THEN
    RAISE check_violation USING MESSAGE = format('%s %s (%s): ', TG_TABLE_NAME, key,
      CASE WHEN ST_IsEmpty(NEW.geom) THEN 'EMPTY' ELSE coalesce(GeometryType(NEW.geom), 'NULL') END)
      || TG_ARGV[3];
  END IF;
  IF NOT ST_IsValid(shape) THEN
    RAISE check_violation USING MESSAGE = format('%s %s: ' || {invalid_shape},
      TG_TABLE_NAME, key, ST_IsValidReason(shape));
  END IF;
  NEW.geom := shape;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION lifecircle_nesting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
-- For a grid that came, went or moved: workers follow it or go with it,
-- organisations follow it, and every grid inside has its parent.
DECLARE
  lost record;
BEGIN
  IF TG_OP <> 'INSERT' AND NOT EXISTS (
      SELECT 1 FROM grids g WHERE g.district = OLD.district AND g.code = OLD.code) THEN
    IF TG_OP = 'UPDATE' AND NEW.district = OLD.district THEN
      UPDATE workers SET grid_code = NEW.code
        WHERE district = OLD.district AND grid_code = OLD.code;
      UPDATE organisations SET grid_code = NEW.code
        WHERE district = OLD.district AND grid_code = OLD.code;
    END IF;
    DELETE FROM workers WHERE district = OLD.district AND grid_code = OLD.code;
  END IF;
  SELECT c.code, c.fid IS NOT DISTINCT FROM NEW.fid AS itself INTO lost FROM grids c
    WHERE c.parent_code IS NOT NULL AND (c.fid = NEW.fid
        OR (c.district = OLD.district AND c.parent_code = OLD.code)
        OR (c.district = NEW.district AND c.parent_code = NEW.code))
      AND NOT EXISTS (SELECT 1 FROM grids p WHERE p.district = c.district
        AND p.code = c.parent_code
        AND p.level = CASE c.level WHEN 'small' THEN 'medium' ELSE 'large' END)
    ORDER BY itself DESC, c.code LIMIT 1;
  IF FOUND THEN
    RAISE foreign_key_violation USING MESSAGE = format('grids %s: ', coalesce(OLD.code, NEW.code))
      || CASE WHEN lost.itself THEN {parent_is_there}
              WHEN TG_OP = 'DELETE' THEN {no_children_left}
              ELSE {children_keep_parent} END || format(' (%s)', lost.code);
  END IF;
  SELECT w.worker_code INTO lost FROM workers w
    WHERE ((w.district = OLD.district AND w.grid_code = OLD.code)
        OR (w.district = NEW.district AND w.grid_code = NEW.code))
      AND NOT EXISTS (SELECT 1 FROM grids g WHERE g.district = w.district
        AND g.code = w.grid_code AND g.level = 'small') LIMIT 1;
  IF FOUND THEN
    RAISE foreign_key_violation USING MESSAGE = format('grids %s: ', coalesce(OLD.code, NEW.code))
      || {workers_keep_grid} || format(' (%s)', lost.worker_code);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION lifecircle_worker() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
-- Every worker that was written looks after a small grid.
BEGIN
  IF EXISTS (SELECT 1 FROM workers w WHERE w.fid = NEW.fid AND NOT EXISTS (
      SELECT 1 FROM grids g WHERE g.district = w.district AND g.code = w.grid_code
        AND g.level = 'small')) THEN
    RAISE foreign_key_violation USING MESSAGE = format('workers %s: ', NEW.worker_code)
      || {worker_has_grid};
  END IF;
  RETURN NULL;
END $$;
