-- One row per provider, the largest first.
WITH counts AS (
  SELECT domain,
    CAST(SUM(attempts) AS BIGINT) AS attempts,
    CAST(SUM(outcomes) AS BIGINT) AS outcomes,
    CAST(SUM(CASE WHEN state = 'delivered' THEN outcomes ELSE 0 END) AS BIGINT) AS delivered,
    CAST(SUM(CASE WHEN state = 'bounced_later' THEN outcomes ELSE 0 END) AS BIGINT) AS bounced_later,
    CAST(SUM(CASE WHEN state = 'bounced' THEN outcomes ELSE 0 END) AS BIGINT) AS bounced,
    CAST(SUM(CASE WHEN state = 'blocked' THEN outcomes ELSE 0 END) AS BIGINT) AS blocked,
    CAST(SUM(CASE WHEN state = 'expired' THEN outcomes ELSE 0 END) AS BIGINT) AS expired,
    CAST(SUM(CASE WHEN state = 'deferred' THEN outcomes ELSE 0 END) AS BIGINT) AS deferred,
    CAST(SUM(CASE WHEN state = 'queued' THEN outcomes ELSE 0 END) AS BIGINT) AS queued,
    CAST(SUM(CASE WHEN state = 'cancelled' THEN outcomes ELSE 0 END) AS BIGINT) AS cancelled,
    CAST(SUM(CASE WHEN state = 'unknown' THEN outcomes ELSE 0 END) AS BIGINT) AS unknown,
    CAST(SUM(deferred_once) AS BIGINT) AS deferred_once,
    CAST(SUM(CASE WHEN state = 'blocked' OR (state = 'expired' AND class = 'policy') THEN outcomes ELSE 0 END) AS BIGINT) AS lost_to_blocks,
    CAST(SUM(attempted) AS BIGINT) AS attempted,
    CAST(SUM(CASE WHEN state IN ('bounced_later', 'blocked', 'bounced', 'expired') AND class = 'hard' THEN outcomes ELSE 0 END) AS BIGINT) AS hard,
    CAST(SUM(CASE WHEN state IN ('bounced_later', 'blocked', 'bounced', 'expired') AND class = 'soft' THEN outcomes ELSE 0 END) AS BIGINT) AS soft,
    CAST(SUM(first_try) AS BIGINT) AS first_try,
    CAST(SUM(recovered) AS BIGINT) AS recovered,
    CAST(SUM(touched_by_block) AS BIGINT) AS touched_by_block,
    CAST(SUM(waited_ms) AS BIGINT) AS waited_ms
  FROM outcome_domains
  GROUP BY domain
)
SELECT provider,
  CAST(SUM(attempts) AS BIGINT) AS attempts,
  CAST(SUM(outcomes) AS BIGINT) AS outcomes,
  CAST(SUM(delivered) AS BIGINT) AS delivered,
  CAST(SUM(bounced_later) AS BIGINT) AS bounced_later,
  CAST(SUM(bounced) AS BIGINT) AS bounced,
  CAST(SUM(blocked) AS BIGINT) AS blocked,
  CAST(SUM(expired) AS BIGINT) AS expired,
  CAST(SUM(deferred) AS BIGINT) AS deferred,
  CAST(SUM(queued) AS BIGINT) AS queued,
  CAST(SUM(cancelled) AS BIGINT) AS cancelled,
  CAST(SUM(unknown) AS BIGINT) AS unknown,
  CAST(SUM(deferred_once) AS BIGINT) AS deferred_once,
  CAST(SUM(lost_to_blocks) AS BIGINT) AS lost_to_blocks,
  CAST(SUM(attempted) AS BIGINT) AS attempted,
  CAST(SUM(hard) AS BIGINT) AS hard,
  CAST(SUM(soft) AS BIGINT) AS soft,
  CAST(SUM(first_try) AS BIGINT) AS first_try,
  CAST(SUM(recovered) AS BIGINT) AS recovered,
  CAST(SUM(touched_by_block) AS BIGINT) AS touched_by_block,
  CAST(SUM(waited_ms) AS BIGINT) AS waited_ms,
  CAST(COUNT(counts.domain) AS BIGINT) AS domains
FROM counts JOIN domain_providers ON counts.domain = domain_providers.domain
GROUP BY provider
ORDER BY outcomes DESC, provider
