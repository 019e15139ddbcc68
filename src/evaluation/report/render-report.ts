import { countFigure, shareFigure } from './figures.ts';
import { type Html, html, markupOf, trusted } from './html.ts';
import { overallOf } from './overall.ts';
import type { ReportData } from './report-data.ts';
import { attributeSection } from './sections/attribute-section.ts';
import { attributeTable } from './sections/attribute-table.ts';
import { modalitiesSection } from './sections/modalities-section.ts';
import { configSection, gatesSection, summarySection, trainingSection } from './sections/run-sections.ts';
import { said } from './sections/table.ts';
import { STYLE } from './style.ts';

/** With more attributes their sections start closed. */
const MOST_OPEN = 3;

/**
 * A run's report as one HTML file: no script, no font, no picture and nothing else from elsewhere (a content security
 * policy forbids it), so that it can be mailed, kept and opened offline. Everything read from data is escaped.
 */
export function renderReport(data: ReportData): string {
  const { title, attributes, training, thresholdMethod, gates } = data;
  const sections: readonly (readonly [id: string, name: string, content: Html | undefined])[] = [
    ['gates', 'Gates', gatesSection(gates)],
    ['attributes', 'Attributes', attributesOverview(data)],
    ['modalities', 'Modalities', modalitiesSection(data)],
    ['training', 'Training', training && trainingSection(training)],
    ['details', 'Each attribute', attributes.length > 0 ? attributeDetails(data) : undefined],
    ['run', 'Run', summarySection(data)],
    ['config', 'Config', configSection(data)],
  ];
  const present = sections.filter(([, , content]) => content !== undefined);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${trusted(STYLE)}</style></head>
<body><a class="skip" href="#main">To the results</a>
<header><h1>${said(title)}</h1>
<nav aria-label="Parts of this report">${present.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>
${headline(data)}</header>
<main id="main">${present.map(([, , content]) => content!)}</main>
<footer>Made by Attune.${thresholdMethod !== undefined && ` ${thresholdMethod}`}</footer>
</body></html>
`;
  return markupOf(page);
}

/** The few numbers to remember. */
function headline({ attributes, gates }: ReportData): Html | undefined {
  const overall = overallOf(attributes.map((a) => a.result));
  if (overall === undefined) return undefined;
  const failed = gates.filter((gate) => !gate.passed).length;
  const cards: readonly (readonly [string, string])[] = [
    [shareFigure(overall.meanF1), `mean micro F1 of ${overall.attributes} attributes`],
    [shareFigure(overall.meanAccuracy), 'mean accuracy'],
    [`${overall.accepting} of ${overall.attributes}`, 'attributes with an auto-accept threshold'],
    [shareFigure(overall.coverage), 'of all answers auto-accepted'],
    ...(gates.length > 0
      ? [[failed === 0 ? 'passed' : `${failed} failed`, `of ${countFigure(gates.length)} gates`] as const]
      : []),
  ];
  return html`<ul class="headline">${cards.map(([value, name]) => html`<li><b>${value}</b><span>${name}</span></li>`)}</ul>`;
}

function attributesOverview({ attributes }: ReportData): Html | undefined {
  const overview = attributeTable(attributes);
  return overview && html`<section id="attributes"><h2>Attributes</h2>${overview}</section>`;
}

function attributeDetails({ attributes }: ReportData): Html {
  const open = attributes.length <= MOST_OPEN;
  return html`<section id="details"><h2>Each attribute</h2>${attributes.map((attribute, i) => attributeSection(attribute, i, open))}</section>`;
}
