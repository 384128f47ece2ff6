import { Link } from '@tanstack/react-router';
import mark from '../mark.svg';

export const Brand = () => (
  <Link to="/" className="brand">
    <img src={mark} alt="" /> Latchkey
  </Link>
);
