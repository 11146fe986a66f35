import { Layout } from './layout.js';

export const MessagePage = (props: { title: string; text: string }) => (
  <Layout title={props.title}>
    <h1>{props.title}</h1>
    <p>{props.text}</p>
  </Layout>
);
