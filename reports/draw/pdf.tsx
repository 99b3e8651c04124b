/** Draws a report as a PDF: A4, vector charts, page numbers. The same document and stamp give the same bytes. */
import {
  Circle,
  Document,
  Font,
  G,
  Line,
  Page,
  Polyline,
  Rect,
  renderToBuffer,
  StyleSheet,
  Svg,
  Text,
  View,
} from "@react-pdf/renderer";
import type { Chart, KeyFigure, ReportDocument, Section, Table, Tone } from "../document.ts";
import { printable, shortened } from "../text/printable.ts";
import { layOutChart } from "./chart-layout.ts";
import { fonts } from "./fonts.ts";
import { type Stamp, stampText } from "./stamp.ts";
import { CELL_PADDING, layOutTable, roomForText } from "./table-layout.ts";

Font.register({ family: "Inter", fonts: fonts.map(({ weight, file }) => ({ src: file, fontWeight: weight })) });
// Words of a report are names and paths: a hyphen that is not in them would be wrong.
Font.registerHyphenationCallback((word) => [word]);

const CONTENT_WIDTH = 515;
const CHART = { width: CONTENT_WIDTH, height: 150 };
const FONT_SIZE = 7.5;
const ink = "#1c2733";
const muted = "#667382";
const rule = "#d9dfe6";
const accent = "#1f3a5f";
const tones: Record<Tone, string> = { plain: ink, good: "#1f7a5a", warning: "#a86b00", bad: "#b3263a" };

const styles = StyleSheet.create({
  page: {
    paddingTop: 36,
    paddingBottom: 46,
    paddingHorizontal: 40,
    fontFamily: "Inter",
    fontSize: FONT_SIZE,
    color: ink,
  },
  band: { position: "absolute", top: 0, left: 0, right: 0, height: 6, backgroundColor: accent },
  header: { flexDirection: "row", justifyContent: "space-between", alignItems: "flex-end" },
  title: { fontSize: 20, fontWeight: 600, color: accent },
  date: { fontSize: 11, fontWeight: 600, textAlign: "right" },
  period: { color: muted, marginTop: 5 },
  notice: {
    marginTop: 8,
    paddingVertical: 5,
    paddingHorizontal: 8,
    backgroundColor: "#fff5e0",
    color: "#7a5200",
    borderLeftWidth: 3,
    borderLeftColor: "#e5a33a",
  },
  cards: { flexDirection: "row", marginTop: 14, gap: 7 },
  card: { flex: 1, backgroundColor: "#f4f7fa", borderRadius: 4, paddingVertical: 8, paddingHorizontal: 8 },
  cardLabel: { fontSize: 7, color: muted },
  cardValue: { fontWeight: 600, lineHeight: 1.1 },
  cardDetail: { fontSize: 6.5, color: muted },
  section: { marginTop: 17 },
  heading: { fontSize: 11, fontWeight: 600, color: accent },
  // A line height counts from the font size of the same style.
  caption: { color: muted, marginTop: 3, marginBottom: 4, fontSize: FONT_SIZE, lineHeight: 1.35 },
  legend: { flexDirection: "row", gap: 12, marginBottom: 2, marginTop: 2, alignItems: "center" },
  legendItem: { flexDirection: "row", alignItems: "center", gap: 4 },
  legendAxis: { color: muted, marginRight: 4 },
  row: { flexDirection: "row", borderBottomWidth: 0.5, borderBottomColor: rule, minHeight: 15, alignItems: "center" },
  headRow: {
    flexDirection: "row",
    borderBottomWidth: 1,
    borderBottomColor: accent,
    minHeight: 16,
    alignItems: "center",
    color: muted,
    fontSize: 7,
  },
  totalRow: {
    flexDirection: "row",
    borderTopWidth: 1,
    borderTopColor: accent,
    minHeight: 16,
    alignItems: "center",
    fontWeight: 600,
    marginTop: -0.5,
  },
  empty: { color: muted, paddingVertical: 8 },
  accounting: { marginTop: 18, paddingTop: 8, borderTopWidth: 1, borderTopColor: rule, color: muted },
  accountingLine: { fontSize: FONT_SIZE, lineHeight: 1.45 },
  accountingHeading: { fontWeight: 600, color: ink, marginBottom: 2 },
  footer: {
    position: "absolute",
    bottom: 20,
    left: 40,
    right: 40,
    flexDirection: "row",
    justifyContent: "space-between",
    color: muted,
    fontSize: 6.5,
  },
});

export async function pdfOf(report: ReportDocument, stamp: Stamp): Promise<Uint8Array> {
  // The creation date goes into the file and into its id: the stamp's, not the clock's.
  const madeAt = new Date(stamp.generatedAtMs);
  return renderToBuffer(
    <Document
      title={`${printable(report.title)} ${report.date}`}
      author="Sluice"
      creator="Sluice"
      producer="Sluice"
      language="en"
      creationDate={madeAt}
      modificationDate={madeAt}
    >
      <Page size="A4" style={styles.page}>
        <View style={styles.band} fixed />
        <View style={styles.header}>
          <Text style={styles.title}>{printable(report.title)}</Text>
          <Text style={styles.date}>{report.longDate}</Text>
        </View>
        <Text style={styles.period}>{report.period}</Text>
        {report.notices.map((notice) => (
          <Text key={notice} style={styles.notice}>
            {notice}
          </Text>
        ))}
        <View style={styles.cards}>
          {report.keyFigures.map((figure) => (
            <Card key={figure.label} figure={figure} count={report.keyFigures.length} />
          ))}
        </View>
        {report.sections.map((section) => (
          <SectionView key={section.heading} section={section} />
        ))}
        <View style={styles.accounting} wrap={false}>
          <Text style={styles.accountingHeading}>Where these numbers come from</Text>
          {report.accounting.map((line) => (
            <Text key={line} style={styles.accountingLine}>
              {line}
            </Text>
          ))}
        </View>
        <View style={styles.footer} fixed>
          <Text>{stampText(report, stamp)}</Text>
          <Text render={({ pageNumber, totalPages }) => `Page ${pageNumber} of ${totalPages}`} />
        </View>
      </Page>
    </Document>,
  );
}

function Card({ figure, count }: { figure: KeyFigure; count: number }) {
  // The value takes one line, however large the number is.
  const room = CONTENT_WIDTH / count - 7 - 16;
  const fontSize = Math.min(15, room / (figure.value.length * 0.62));
  return (
    <View style={styles.card}>
      <Text style={styles.cardLabel}>{figure.label}</Text>
      <View style={{ height: 24, justifyContent: "center" }}>
        <Text style={[styles.cardValue, { fontSize, color: tones[figure.tone ?? "plain"] }]}>{figure.value}</Text>
      </View>
      <Text style={[styles.cardDetail, { fontSize: Math.min(6.5, room / ((figure.detail?.length ?? 1) * 0.56)) }]}>
        {figure.detail ?? " "}
      </Text>
    </View>
  );
}

function SectionView({ section: { heading, caption, body } }: { section: Section }) {
  const head = (
    <>
      <Text style={styles.heading}>{heading}</Text>
      {caption ? <Text style={styles.caption}>{caption}</Text> : <View style={{ height: 4 }} />}
    </>
  );
  if (body.kind !== "table")
    return (
      <View style={styles.section} wrap={false}>
        {head}
        <ChartView chart={body} />
      </View>
    );
  return <TableView table={body} head={head} />;
}

function ChartView({ chart }: { chart: Chart }) {
  const layout = layOutChart(chart, CHART);
  const { plot } = layout;
  const small = { fontSize: 6.5, fill: muted, fontFamily: "Inter" } as const;
  return (
    <View>
      <View style={styles.legend}>
        <Text style={styles.legendAxis}>{chart.axis}</Text>
        {chart.series.map(({ name, colour }) => (
          <View key={name} style={styles.legendItem}>
            <View style={{ width: 7, height: 7, backgroundColor: colour, borderRadius: 1.5 }} />
            <Text>{name}</Text>
          </View>
        ))}
      </View>
      <Svg width={CHART.width} height={CHART.height} viewBox={`0 0 ${CHART.width} ${CHART.height}`}>
        {layout.gridLines.map(({ y, text }, index) => (
          <G key={text}>
            <Line
              x1={plot.x}
              x2={plot.x + plot.width}
              y1={y}
              y2={y}
              strokeWidth={index === 0 ? 0.8 : 0.5}
              stroke={index === 0 ? muted : rule}
            />
            <Text x={plot.x - 5} y={y + 2.3} style={small} textAnchor="end">
              {text}
            </Text>
          </G>
        ))}
        {layout.bars.map((bar) => (
          <Rect
            key={`${bar.series} ${bar.x}`}
            x={bar.x}
            y={bar.y}
            width={bar.width}
            height={bar.height}
            fill={bar.colour}
          />
        ))}
        {layout.lines.map(({ colour, series, points }) => (
          <G key={`${series} ${points[0]!.x}`}>
            <Polyline
              points={points.map(({ x, y }) => `${x.toFixed(2)},${y.toFixed(2)}`).join(" ")}
              stroke={colour}
              strokeWidth={1.3}
              fill="none"
            />
            {points.map(({ x, y }) => (
              <Circle key={x} cx={x} cy={y} r={points.length === 1 ? 2.5 : 1.5} fill={colour} />
            ))}
          </G>
        ))}
        {layout.axisLabels.map(({ x, text }) => (
          <Text key={x} x={x} y={plot.y + plot.height + 11} style={small} textAnchor="middle">
            {text}
          </Text>
        ))}
      </Svg>
    </View>
  );
}

function TableView({ table, head }: { table: Table; head: React.ReactNode }) {
  const { fontSize, widths } = layOutTable(table, CONTENT_WIDTH);
  const cell = (text: string, index: number) => {
    const width = widths[index]!;
    const { align, heading } = table.columns[index]!;
    return (
      <View key={heading} style={{ width, paddingHorizontal: CELL_PADDING }}>
        <Text style={{ textAlign: align, fontSize, maxLines: 1, textOverflow: "ellipsis" }}>
          {align === "right" ? text : shortened(printable(text), roomForText(width, fontSize))}
        </Text>
      </View>
    );
  };
  const rowOf = (row: readonly string[], index: number) => (
    <View key={index} style={styles.row} wrap={false}>
      {row.map(cell)}
    </View>
  );
  // The total stays with the last rows.
  const last = table.total ? table.rows.slice(-2) : [];
  const others = table.rows.slice(0, table.rows.length - last.length);
  return (
    <>
      <View style={styles.section} minPresenceAhead={80}>
        {head}
      </View>
      <View>
        <View style={styles.headRow} fixed>
          {table.columns.map(({ heading }, index) => cell(heading, index))}
        </View>
        {table.rows.length === 0 && <Text style={styles.empty}>{table.empty ?? "Nothing."}</Text>}
        {others.map(rowOf)}
        <View wrap={false}>
          {last.map(rowOf)}
          {table.total && <View style={styles.totalRow}>{table.total.map(cell)}</View>}
        </View>
      </View>
    </>
  );
}
