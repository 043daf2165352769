-- One row per route, source and masked reply. An example may be missing: only so many are kept.
WITH counts AS (
  SELECT route, source, signature,
    CAST(SUM(attempts) AS BIGINT) AS attempts, MIN(first_seen) AS first_seen, MAX(last_seen) AS last_seen
  FROM attempt_replies
  GROUP BY route, source, signature
)
SELECT counts.route AS provider, counts.source AS source, counts.signature AS signature,
  category, class, action, rule, evidence, help, attempts, first_seen, last_seen,
  COALESCE(example, '') AS example, COALESCE(path, '') AS path, COALESCE(place, CAST(0 AS BIGINT)) AS offset
FROM counts
JOIN replies ON counts.route = replies.route AND counts.signature = replies.signature
LEFT JOIN examples
  ON counts.route = examples.route AND counts.source = examples.source AND counts.signature = examples.signature
ORDER BY attempts DESC, provider, source, signature
