-- A consent may end by its own end date, without any change in the CRM: found by that date.
CREATE INDEX crm_toestemming_tot ON bron.crm_toestemming (tot) WHERE tot IS NOT NULL;
CREATE INDEX bericht_aangemeld ON hub.bericht (toestemming_profiel_id)
WHERE soort = 'aanmelding' AND stand = 'bevestigd';
