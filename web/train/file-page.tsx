/** One file: what stands in it, what each column is to be, and the training that is made of it. */
import { useCallback, useState } from 'react';
import type { FileAnswer, InspectionAnswer, RunsAnswer } from '../../src/serving/api/training.ts';
import { share } from '../figure.ts';
import { type Column, FigureTable } from '../figure-table.tsx';
import { useLoaded, Waiting } from '../loaded.tsx';
import { addressOf } from '../route.ts';
import { ask } from '../service.ts';
import { RoleSelect } from './role-select.tsx';
import { type ColumnConfig, type Role, roleOf, withRole } from './roles.ts';
import { StartForm } from './start-form.tsx';
import { Warnings } from './warnings.tsx';

type Seen = { readonly file: FileAnswer; readonly encoders: readonly string[] };

export function FilePage({ id }: { readonly id: string }) {
  const load = useCallback(
    async (signal: AbortSignal): Promise<Seen> => {
      const at = `v1/files/${encodeURIComponent(id)}`;
      const [file, { encoders }] = await Promise.all([
        ask<FileAnswer>(`${at}/inspect`, { method: 'POST', signal }),
        ask<RunsAnswer>('v1/runs', { signal }),
      ]);
      return { file, encoders };
    },
    [id],
  );
  return (
    <>
      <p>
        <a href={addressOf('train')}>Back to all files and trainings</a>
      </p>
      <Waiting loaded={useLoaded(load)} waiting="Looking at the file …">
        {({ file, encoders }) => <Inspected file={file} inspection={file.inspection!} encoders={encoders} />}
      </Waiting>
    </>
  );
}

function Inspected({ file, inspection, encoders }: Seen & { readonly inspection: InspectionAnswer }) {
  const proposed: ColumnConfig = inspection.config;
  const [config, setConfig] = useState(proposed);
  const change = (column: string, role: Role) => setConfig(withRole(config, proposed, column, role));
  return (
    <>
      <section className="panel" aria-labelledby="file-heading">
        <h1 id="file-heading">
          <bdi>{file.name}</bdi>
        </h1>
        <p className="note">
          {inspection.products} products in {inspection.rows} rows, {inspection.columns.length} columns
        </p>
        <Warnings warnings={inspection.warnings} />
        <h2>Columns</h2>
        <FigureTable
          caption="Columns and what each is to the model"
          columns={columnsOf(inspection, config, change)}
          rows={inspection.columns}
        />
        {inspection.layout === 'columns' ? null : (
          <>
            <h2>Attributes</h2>
            <FigureTable
              caption="Attributes and what is learned of each"
              columns={attributeColumns(inspection, config, change)}
              rows={inspection.attributes}
            />
          </>
        )}
      </section>
      <StartForm file={file} config={config} encoders={encoders} />
    </>
  );
}

type FoundColumn = InspectionAnswer['columns'][number];
type FoundAttribute = InspectionAnswer['attributes'][number];
type Change = (column: string, role: Role) => void;

/** Columns that hold attributes of other names; what they are is told by the layout of the file. */
const OF_LAYOUT: Readonly<Record<string, string>> = {
  attributes: 'holds the attributes',
  'attribute-name': 'names the attribute',
  'attribute-value': 'holds its value',
};

const EXAMPLE_CHARACTERS = 60;

function columnsOf(
  { rows, layout }: InspectionAnswer,
  config: ColumnConfig,
  change: Change,
): readonly Column<FoundColumn>[] {
  return [
    { name: 'Column', heads: true, cell: ({ name }) => <bdi>{name}</bdi> },
    {
      name: 'Role',
      cell: ({ name, role }) =>
        (layout === 'columns' ? undefined : OF_LAYOUT[role]) ?? (
          <RoleSelect
            label={`Role of ${name}`}
            role={roleOf(config, name)}
            change={(next) => change(name, next)}
          />
        ),
    },
    { name: 'Filled', cell: ({ filled }) => (rows === 0 ? '–' : share(filled / rows, 0)) },
    { name: 'Different', cell: ({ distinct }) => distinct },
    {
      name: 'Examples',
      cell: ({ examples }) => <bdi className="examples">{examples.map(clipped).join(' · ')}</bdi>,
    },
    { name: 'What was seen', cell: ({ reason }) => reason },
  ];
}

function attributeColumns(
  { products }: InspectionAnswer,
  config: ColumnConfig,
  change: Change,
): readonly Column<FoundAttribute>[] {
  return [
    { name: 'Attribute', heads: true, cell: ({ name }) => <bdi>{name}</bdi> },
    {
      name: 'Role',
      cell: ({ name, column }) => (
        <RoleSelect
          label={`Role of ${name}`}
          only={['Not used', 'Predicted']}
          role={roleOf(config, column)}
          change={(next) => change(column, next)}
        />
      ),
    },
    { name: 'Known', cell: ({ labelled }) => share(labelled / Math.max(1, products), 0) },
    { name: 'Different', cell: ({ distinct }) => distinct },
    { name: 'What was seen', cell: ({ reason }) => reason },
  ];
}

const clipped = (text: string) =>
  text.length > EXAMPLE_CHARACTERS ? `${text.slice(0, EXAMPLE_CHARACTERS - 1)}…` : text;
