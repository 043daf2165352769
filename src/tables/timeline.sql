-- One row per day of reception and provider with any outcome.
SELECT day, provider,
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
  CAST(SUM(recovered) AS BIGINT) AS recovered,
  CAST(SUM(deferred_once) AS BIGINT) AS deferred_once,
  CAST(SUM(CASE WHEN state = 'blocked' OR (state = 'expired' AND class = 'policy') THEN outcomes ELSE 0 END) AS BIGINT) AS lost_to_blocks,
  CAST(SUM(CASE WHEN state IN ('bounced_later', 'blocked', 'bounced', 'expired') AND class = 'hard' THEN outcomes ELSE 0 END) AS BIGINT) AS hard
FROM outcome_domains JOIN domain_providers ON outcome_domains.domain = domain_providers.domain
GROUP BY day, provider
ORDER BY day, provider
