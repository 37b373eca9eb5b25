// What can be taken away from a run.
interface Download {
  path: string;
  text: string;
  what: string;
}

const downloads: Download[] = [
  {
    path: "stats/requests/csv",
    text: "Download requests CSV",
    what: "a row per request name, and the total",
  },
  { path: "stats/failures/csv", text: "Download failures CSV", what: "a row per kind of failure" },
  {
    path: "exceptions/csv",
    text: "Download exceptions CSV",
    what: "exceptions of test code, with tracebacks",
  },
  {
    path: "stats/report?download=1",
    text: "Download Report",
    what: "one HTML file with everything, to keep or to send",
  },
  { path: "api/v1/run.json", text: "Download run as JSON", what: "for locust-master --compare" },
];

const fullHistory: Download = {
  path: "stats/requests_full_history/csv",
  text: "Download full request statistics history CSV",
  what: "a row per request name and second",
};

export function Downloads({ hasFullHistory }: { hasFullHistory: boolean }) {
  const all = hasFullHistory ? [downloads[0] as Download, fullHistory, ...downloads.slice(1)] : downloads;
  return (
    <div class="card">
      <ul class="downloads">
        {all.map((download) => (
          <li key={download.path}>
            <a href={download.path}>{download.text}</a> <span class="hint">{download.what}</span>
          </li>
        ))}
        <li>
          <a href="stats/report" target="_blank" rel="noreferrer">
            View Report
          </a>{" "}
          <span class="hint">in a new tab</span>
        </li>
      </ul>
    </div>
  );
}
