// Which share of all tasks each user class and task has.
import type { Task, Tasks } from "../api";
import * as format from "../format";

interface Props {
  tasks: Tasks;
  users: Record<string, number>;
}

export function RatioPanel({ tasks, users }: Props) {
  return (
    <div class="columns">
      <Users users={users} />
      <Tree title="Ratio Per Class" tasks={tasks.per_class} />
      <Tree title="Total Ratio" tasks={tasks.total} />
    </div>
  );
}

function Users({ users }: { users: Record<string, number> }) {
  const total = Object.values(users).reduce((sum, count) => sum + count, 0);
  return (
    <section class="card ratio">
      <h3>Users Per Class</h3>
      <ul>
        {Object.entries(users).map(([name, count]) => (
          <li key={name}>
            <Bar name={name} share={total > 0 ? count / total : 0} text={format.count(count)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Bar({ name, share, text }: { name: string; share: number; text: string }) {
  return (
    <span class="ratio-line">
      <span class="ratio-name">{name}</span>
      <span class="ratio-bar" aria-hidden="true">
        <span style={{ width: `${Math.min(share, 1) * 100}%` }} />
      </span>
      <span class="number">{text}</span>
    </span>
  );
}

function Tree({ title, tasks }: { title: string; tasks: Record<string, Task> }) {
  return (
    <section class="card ratio">
      <h3>{title}</h3>
      {Object.keys(tasks).length === 0 ? <p class="empty">No user classes yet.</p> : <Branch tasks={tasks} />}
    </section>
  );
}

function Branch({ tasks }: { tasks: Record<string, Task> }) {
  return (
    <ul>
      {Object.entries(tasks).map(([name, { ratio, tasks: below }]) => (
        <li key={name}>
          <Bar name={name} share={ratio} text={format.percent(ratio)} />
          {below && Object.keys(below).length > 0 && <Branch tasks={below} />}
        </li>
      ))}
    </ul>
  );
}
